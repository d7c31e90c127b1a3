// A relying party on openid-client, with a listener of its own on the loopback interface.
//
// It prints its origin, then reads one line of JSON: {issuer, client_id, client_secret?, scope}.
// The browser visits /sign-in; what became of it is shown at /callback as JSON. /sign-out ends the session.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import * as oidc from "openid-client";

const flow = {};
const server = createServer(async (request, response) => {
  const url = new URL(request.url, origin());
  try {
    const answer = await (pages[url.pathname] ?? notFound)(url);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  } catch (error) {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(failure(error)));
  }
});

const pages = {
  "/sign-in": async () => {
    const verifier = oidc.randomPKCECodeVerifier();
    Object.assign(flow, { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() });
    return redirect(
      oidc.buildAuthorizationUrl(flow.config, {
        redirect_uri: `${origin()}/callback`,
        scope: flow.scope,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      }),
    );
  },

  "/callback": async (url) => {
    const first = await oidc.authorizationCodeGrant(flow.config, url, {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      idTokenExpected: true,
    });
    const claims = first.claims();
    const userinfo = await oidc.fetchUserInfo(flow.config, first.access_token, claims.sub);
    const second = await oidc.refreshTokenGrant(flow.config, first.refresh_token);
    flow.last = second;
    return json({
      claims,
      userinfo,
      refreshed: second.claims(),
      userinfo_after_refresh: await oidc.fetchUserInfo(flow.config, second.access_token, claims.sub),
      secrets: [flow.verifier, url.searchParams.get("code"), ...secrets(first), ...secrets(second)],
    });
  },

  "/sign-out": async () =>
    redirect(
      oidc.buildEndSessionUrl(flow.config, {
        id_token_hint: flow.last.id_token,
        post_logout_redirect_uri: `${origin()}/signed-out`,
        state: "bye",
      }),
    ),

  "/signed-out": async (url) => json({ state: url.searchParams.get("state") }),
};

const origin = () => `http://localhost:${server.address().port}`;
const redirect = (to) => ({ status: 302, headers: { location: to.href } });
const json = (value) => ({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
const notFound = async () => ({ status: 404, headers: {} });
const secrets = (tokens) => [tokens.access_token, tokens.refresh_token, tokens.id_token];

function failure(error) {
  return { error: error.error ?? error.code ?? error.name, status: error.status ?? 0, message: String(error) };
}

server.listen(0, "127.0.0.1", async () => {
  console.log(origin());
  for await (const line of createInterface({ input: process.stdin })) {
    const { issuer, client_id, client_secret, scope } = JSON.parse(line);
    const authentication = client_secret ? oidc.ClientSecretBasic(client_secret) : oidc.None();
    flow.config = await oidc.discovery(new URL(issuer), client_id, undefined, authentication, {
      execute: [oidc.allowInsecureRequests], // plain HTTP, for the issuer is on localhost
    });
    flow.scope = scope;
    console.log("ready");
  }
  process.exit(); // whoever started it has closed our standard input
});
