// Relying parties without a browser whose tokens are bound to a key: on openid-client, and on oauth4webapi with dpop.
//
// Each line of standard input is one order in JSON, each line of standard output the answer to one:
//   {configure: {issuer, client_id, client_secret, redirect_uri}}  -> {}
//   {begin: "openid-client" | "oauth4webapi"}                      -> {url}
//   {finish: url}                                                  -> {token_type, claims, userinfo, secrets}
//   {refresh: true}                                                -> {token_type, again, secrets}
//   {call: url, method}                                            -> {status, answer, nonce}
//   {steal: url}                                                   -> {nonce}, and status and error of each attempt

import { createInterface } from "node:readline";
import * as dpop from "dpop";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";

const flow = {};
const insecure = { [oauth.allowInsecureRequests]: true }; // plain HTTP, for the issuer is on localhost
const scope = "openid profile offline_access urn:hexkeep:api";

const libraries = {
  "openid-client": {
    async start() {
      flow.config = await oidc.discovery(
        new URL(flow.issuer),
        flow.client_id,
        undefined,
        oidc.ClientSecretBasic(flow.client_secret),
        { execute: [oidc.allowInsecureRequests] },
      );
      flow.handle = oidc.getDPoPHandle(flow.config, await oidc.randomDPoPKeyPair("ES256"));
      return flow.config.serverMetadata();
    },

    async redeem(url) {
      const checks = { pkceCodeVerifier: flow.verifier, expectedState: flow.state, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(flow.config, url, checks, undefined, { DPoP: flow.handle });
      return { tokens, claims: tokens.claims() };
    },

    refresh: () => oidc.refreshTokenGrant(flow.config, flow.tokens.refresh_token, undefined, { DPoP: flow.handle }),

    userinfo: (sub) => oidc.fetchUserInfo(flow.config, flow.tokens.access_token, sub, { DPoP: flow.handle }),

    call: (url, method) =>
      oidc.fetchProtectedResource(flow.config, flow.tokens.access_token, url, method, undefined, undefined, {
        DPoP: flow.handle,
      }),
  },

  oauth4webapi: {
    async start() {
      const issuer = new URL(flow.issuer);
      const found = await oauth.discoveryRequest(issuer, insecure);
      flow.server = await oauth.processDiscoveryResponse(issuer, found);
      flow.client = { client_id: flow.client_id };
      flow.handle = oauth.DPoP(flow.client, await dpop.generateKeyPair("Ed25519"));
      return flow.server;
    },

    async redeem(url) {
      const parameters = oauth.validateAuthResponse(flow.server, flow.client, url, flow.state);
      const ask = () =>
        oauth.authorizationCodeGrantRequest(
          flow.server,
          flow.client,
          oauth.ClientSecretBasic(flow.client_secret),
          parameters,
          flow.redirect_uri,
          flow.verifier,
          bound(),
        );
      const tokens = await persistent(ask, (response) =>
        oauth.processAuthorizationCodeResponse(flow.server, flow.client, response, { requireIdToken: true }),
      );
      return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
    },

    refresh: () =>
      persistent(
        () =>
          oauth.refreshTokenGrantRequest(
            flow.server,
            flow.client,
            oauth.ClientSecretBasic(flow.client_secret),
            flow.tokens.refresh_token,
            bound(),
          ),
        (response) => oauth.processRefreshTokenResponse(flow.server, flow.client, response),
      ),

    userinfo: (sub) =>
      persistent(
        () => oauth.userInfoRequest(flow.server, flow.client, flow.tokens.access_token, bound()),
        (response) => oauth.processUserInfoResponse(flow.server, flow.client, sub, response),
      ),

    call: (url, method) =>
      persistent(
        () => oauth.protectedResourceRequest(flow.tokens.access_token, method, url, undefined, undefined, bound()),
        (response) => response,
      ),
  },
};

const bound = () => ({ DPoP: flow.handle, ...insecure });

// oauth4webapi keeps the nonce that it was told, and leaves it to its caller to try again.
async function persistent(ask, read) {
  try {
    return await read(await ask());
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return read(await ask());
  }
}

const orders = {
  async configure(settings) {
    Object.assign(flow, settings);
    return {};
  },

  async begin(library) {
    flow.library = libraries[library];
    flow.state = oauth.generateRandomState();
    flow.verifier = oauth.generateRandomCodeVerifier();
    const url = new URL((await flow.library.start()).authorization_endpoint);
    url.search = new URLSearchParams({
      client_id: flow.client_id,
      response_type: "code",
      redirect_uri: flow.redirect_uri,
      scope,
      state: flow.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: "S256",
      dpop_jkt: await flow.handle.calculateThumbprint(),
    });
    return { url: url.href };
  },

  async finish(url) {
    const { tokens, claims } = await flow.library.redeem(new URL(url));
    flow.tokens = tokens;
    return {
      claims,
      token_type: tokens.token_type,
      userinfo: await flow.library.userinfo(claims.sub),
      secrets: [flow.verifier, ...secrets(tokens)],
    };
  },

  async refresh() {
    const earlier = flow.tokens;
    flow.tokens = { ...earlier, ...(await flow.library.refresh()) };
    const again = flow.tokens.access_token !== earlier.access_token;
    return { token_type: flow.tokens.token_type, again, secrets: secrets(flow.tokens) };
  },

  async call(url, { method }) {
    const response = await flow.library.call(new URL(url), method);
    return { status: response.status, nonce: response.headers.get("dpop-nonce"), answer: await response.json() };
  },

  async steal(url) {
    const token = flow.tokens.access_token;
    const mallory = await dpop.generateKeyPair("ES256");
    const proven = async (nonce) => ({
      authorization: `DPoP ${token}`,
      dpop: await dpop.generateProof(mallory, url, "GET", nonce, token),
    });
    const challenged = await fetch(url, { headers: await proven() });
    const nonce = challenged.headers.get("dpop-nonce");
    const attempts = {
      "as a bearer token": { authorization: `Bearer ${token}` },
      "without a proof": { authorization: `DPoP ${token}` },
      "with another key": await proven(nonce),
    };
    const seen = {};
    for (const [how, headers] of Object.entries(attempts)) {
      const response = await fetch(url, { headers });
      seen[how] = [response.status, /error="(\w+)"/.exec(response.headers.get("www-authenticate"))?.[1]];
    }
    return { nonce, ...seen };
  },
};

const secrets = (tokens) => [tokens.access_token, tokens.refresh_token, tokens.id_token].filter(Boolean);

for await (const line of createInterface({ input: process.stdin })) {
  const [[name, argument], ...others] = Object.entries(JSON.parse(line));
  try {
    console.log(JSON.stringify(await orders[name](argument, Object.fromEntries(others))));
  } catch (error) {
    console.log(JSON.stringify({ error: error.error ?? error.code ?? error.name, message: String(error.cause ?? error) }));
  }
}
