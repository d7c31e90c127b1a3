// A client on openid-client that registers itself, and then gets a token for itself.
//
// It reads one line of JSON, {issuer, token, metadata}, and prints one: {registered, again, scope} or {error}.

import { createInterface } from "node:readline";
import * as oidc from "openid-client";

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  console.log(JSON.stringify(await registered(JSON.parse(line)).catch((error) => ({ error: error.error ?? error.code }))));
}

async function registered({ issuer, token, metadata }) {
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const options = token ? { ...insecure, initialAccessToken: token } : insecure;
  const method = metadata.token_endpoint_auth_method === "client_secret_post" ? oidc.ClientSecretPost : oidc.ClientSecretBasic;
  const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, method(), options);
  const client = config.clientMetadata();
  const answer = await oidc.clientCredentialsGrant(config, { scope: "urn:hexkeep:organization" });
  return { registered: client, scope: answer.scope, secrets: [answer.access_token] };
}
