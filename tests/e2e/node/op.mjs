// An OpenID provider on npm oidc-provider, for people who sign in to Hexkeep by it.
//
// It prints its issuer, reads one line of JSON, a list of clients {client_id, client_secret, redirect_uris,
// token_endpoint_auth_method, …}, and prints "ready". Whoever signs in on its pages has the account that they name, and
// who signs out at /session/end is signed out of all that have a backchannel_logout_uri.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://op.localhost:${server.address().port}`;
console.log(issuer);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const clients = JSON.parse((await lines.next()).value);
const { privateKey } = await generateKeyPair("RS256", { extractable: true });

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" }] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub,
      preferred_username: sub,
      given_name: "Grace",
      email: `${sub}@example.com`,
      email_verified: true,
    }),
  }),
  claims: { openid: ["sub"], profile: ["preferred_username", "given_name"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  features: { backchannelLogout: { enabled: true } },
  // Logout tokens go to addresses of this machine, which it does not call otherwise.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});
server.on("request", provider.callback());
console.log("ready");
for (let line = await lines.next(); !line.done; line = await lines.next());
process.exit(0);
