// A service on oauth4webapi that exchanges tokens (RFC 8693).
//
// It reads lines of JSON: {issuer, client_id, client_secret, parameters}, and prints a line for each: {answer} or {error}.

import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const insecure = { [oauth.allowInsecureRequests]: true }; // plain HTTP, for the issuer is on localhost
const recognizedTokenTypes = { n_a: () => {} }; // section 2.2.1: what is no access token

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const issuer = new URL(asked.issuer);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const client = { client_id: asked.client_id };
  const proof = oauth.ClientSecretBasic(asked.client_secret);
  const parameters = new URLSearchParams(asked.parameters);
  try {
    if (!server.grant_types_supported.includes(GRANT)) throw new Error("not in discovery");
    const response = await oauth.genericTokenEndpointRequest(server, client, proof, GRANT, parameters, insecure);
    const options = { recognizedTokenTypes };
    const answer = await oauth.processGenericTokenEndpointResponse(server, client, response, options);
    console.log(JSON.stringify({ answer }));
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error;
    console.log(JSON.stringify({ error: error.error }));
  }
}
