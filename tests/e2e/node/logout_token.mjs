// Verifies a logout token with npm jose: node logout_token.mjs <issuer> <audience> [<private JWK>], the token on
// standard input. With a key the token has to be encrypted to it.
import { readFileSync } from "node:fs";
import { compactDecrypt, createRemoteJWKSet, importJWK, jwtVerify } from "jose";

const [issuer, audience, key] = process.argv.slice(2);
const sent = readFileSync(0, "utf8").trim();
const opened = async () => {
  const jwk = JSON.parse(key);
  const { plaintext } = await compactDecrypt(sent, await importJWK(jwk, jwk.alg));
  return new TextDecoder().decode(plaintext);
};
const token = key ? await opened() : sent;
const { jwks_uri } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), {
  issuer,
  audience,
  typ: "logout+jwt",
  requiredClaims: ["iat", "exp", "jti", "sub", "sid", "events"],
});
if ("nonce" in payload) throw new Error("a logout token has no nonce");
console.log(JSON.stringify(payload));
