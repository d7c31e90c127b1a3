// Verifies a logout token with npm jose: node logout_token.mjs <issuer> <audience>, the token on standard input.
import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, audience] = process.argv.slice(2);
const { jwks_uri } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const { payload } = await jwtVerify(readFileSync(0, "utf8").trim(), createRemoteJWKSet(new URL(jwks_uri)), {
  issuer,
  audience,
  typ: "logout+jwt",
  requiredClaims: ["iat", "exp", "jti", "sub", "sid", "events"],
});
if ("nonce" in payload) throw new Error("a logout token has no nonce");
console.log(JSON.stringify(payload));
