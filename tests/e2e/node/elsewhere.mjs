// A relying party on openid-client whose person is elsewhere: a device that shows a code, and a backchannel request.
//
// Each line of its input is a JSON object {flow, issuer, client_id, client_secret?, parameters}. It prints what it got
// to show, polls as the server wants it, and prints what it has got in the end.

import { createInterface } from "node:readline";
import * as oidc from "openid-client";

const flows = {
  device: [oidc.initiateDeviceAuthorization, oidc.pollDeviceAuthorizationGrant],
  backchannel: [oidc.initiateBackchannelAuthentication, oidc.pollBackchannelAuthenticationGrant],
};

function say(value) {
  console.log(JSON.stringify(value));
}

async function run({ flow, issuer, client_id, client_secret, parameters }) {
  const [initiate, poll] = flows[flow];
  const authentication = client_secret ? oidc.ClientSecretBasic(client_secret) : oidc.None();
  const config = await oidc.discovery(new URL(issuer), client_id, undefined, authentication, {
    execute: [oidc.allowInsecureRequests], // plain HTTP, for the issuer is on localhost
  });
  const begun = await initiate(config, parameters);
  say(begun);
  const tokens = await poll(config, begun);
  const refreshed = tokens.refresh_token ? await oidc.refreshTokenGrant(config, tokens.refresh_token) : undefined;
  say({ tokens, claims: tokens.claims(), refreshed: refreshed?.claims(), secrets: refreshed });
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await run(JSON.parse(line));
  } catch (error) {
    say({ error: error.error ?? error.code ?? error.name, message: String(error) });
  }
}
