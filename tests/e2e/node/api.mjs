// An API on oauth4webapi: asks what a token is worth, has the answer signed, and gives the token back.
//
// It reads one line of JSON: {issuer, client_id, client_secret, token, audience}, and prints one. A token that it can
// read it also verifies by itself, with the keys that the issuer publishes (RFC 9068 section 4).

import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const insecure = { [oauth.allowInsecureRequests]: true }; // plain HTTP, for the issuer is on localhost

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const issuer = new URL(asked.issuer);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const client = { client_id: asked.client_id };
  const proof = oauth.ClientSecretBasic(asked.client_secret);

  const plain = async () =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, proof, asked.token, insecure),
    );
  const signed = async () => {
    const options = { ...insecure, requestJwtResponse: true };
    const response = await oauth.introspectionRequest(server, client, proof, asked.token, options);
    const answer = await oauth.processIntrospectionResponse(server, client, response);
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    return answer;
  };

  const before = [await plain(), await signed()];
  if (asked.token.includes(".")) {
    const call = new Request(asked.issuer, { headers: { authorization: `Bearer ${asked.token}` } });
    before.push(await oauth.validateJwtAccessToken(server, call, asked.audience, insecure));
  }
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, asked.token, insecure));
  console.log(JSON.stringify({ before, after: [await plain(), await signed()] }));
}
