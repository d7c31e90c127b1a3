// A relying party on openid-client whose answers come from the front, posted by a form: hybrid and implicit.
//
// It prints its origin, then reads one line of JSON: {issuer, client_id}. The browser visits /sign-in/hybrid or
// /sign-in/implicit; what became of it is shown at /callback/… as JSON.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import * as oidc from "openid-client";

const kinds = { hybrid: oidc.useCodeIdTokenResponseType, implicit: oidc.useIdTokenResponseType };
const configs = {};
const flow = {};

const server = createServer(async (request, response) => {
  const [, page, kind] = new URL(request.url, origin()).pathname.split("/");
  try {
    const answer = page === "sign-in" ? await begin(kind) : await finish(kind, request);
    response.writeHead(answer.location ? 302 : 200, answer.location ? answer : { "content-type": "application/json" });
    response.end(answer.location ? "" : JSON.stringify(answer));
  } catch (error) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: error.error ?? error.code ?? error.name, message: String(error) }));
  }
});

async function begin(kind) {
  const verifier = oidc.randomPKCECodeVerifier();
  Object.assign(flow, { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() });
  const pkce = { code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" };
  const location = oidc.buildAuthorizationUrl(configs[kind], {
    redirect_uri: `${origin()}/callback/${kind}`,
    response_mode: "form_post",
    scope: "openid email",
    state: flow.state,
    nonce: flow.nonce,
    claims: JSON.stringify({ id_token: { given_name: { essential: true }, acr: null } }),
    ...(kind === "hybrid" ? pkce : {}),
  });
  return { location: location.href };
}

async function finish(kind, request) {
  const body = await text(request);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const posted = new Request(origin() + request.url, { method: "POST", headers, body });
  const secrets = [...new URLSearchParams(body)].filter(([name]) => ["code", "id_token"].includes(name));
  const told = { method: request.method, secrets: secrets.map(([, value]) => value) };
  if (kind === "implicit") {
    return { ...told, claims: await oidc.implicitAuthentication(configs[kind], posted, flow.nonce, { expectedState: flow.state }) };
  }
  const tokens = await oidc.authorizationCodeGrant(configs[kind], posted, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
  });
  told.secrets.push(tokens.access_token, tokens.id_token, flow.verifier);
  const userinfo = await oidc.fetchUserInfo(configs[kind], tokens.access_token, tokens.claims().sub);
  return { ...told, claims: tokens.claims(), userinfo };
}

const origin = () => `http://127.0.0.1:${server.address().port}`;

server.listen(0, "127.0.0.1", async () => {
  console.log(origin());
  for await (const line of createInterface({ input: process.stdin })) {
    const { issuer, client_id } = JSON.parse(line);
    for (const [kind, use] of Object.entries(kinds)) {
      configs[kind] = await oidc.discovery(new URL(issuer), client_id, undefined, oidc.None(), {
        execute: [oidc.allowInsecureRequests, use], // plain HTTP, for the issuer is on localhost
      });
    }
    console.log("ready");
  }
  process.exit(); // whoever started it has closed our standard input
});
