// A relying party on openid-client that is held to FAPI 2.0: it pushes, signs and proves possession, and has no browser.
//
// Each line of standard input is one order in JSON, each line of standard output the answer to one:
//   {configure: {issuer, client_id, metadata, key, alg, redirect_uri}}  -> {}
//   {begin: "par" | "jar" | "signed", response_mode?, parameters?}      -> {url}
//   {finish: url}                                                       -> {claims, token_type, secrets, ...}

import { createInterface } from "node:readline";
import { importJWK } from "jose";
import * as oidc from "openid-client";

const flow = {};

const orders = {
  async configure({ issuer, client_id, metadata, key, alg, redirect_uri }) {
    const { kid, ...jwk } = key;
    flow.key = { key: await importJWK(jwk, alg), kid };
    flow.redirect_uri = redirect_uri;
    flow.config = await oidc.discovery(new URL(issuer), client_id, metadata, oidc.PrivateKeyJwt(flow.key), {
      execute: [oidc.allowInsecureRequests], // plain HTTP, for the issuer is on localhost
    });
    flow.dpop = oidc.getDPoPHandle(flow.config, await oidc.randomDPoPKeyPair("ES256"));
    return {};
  },

  async begin(how, { response_mode, parameters }) {
    if (response_mode === "jwt") oidc.useJwtResponseMode(flow.config);
    flow.verifier = oidc.randomPKCECodeVerifier();
    flow.state = oidc.randomState();
    const asked = {
      redirect_uri: flow.redirect_uri,
      scope: "openid",
      state: flow.state,
      code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: "S256",
      ...parameters,
    };
    return { url: (await ways[how](asked)).href };
  },

  async finish(url) {
    const checks = { pkceCodeVerifier: flow.verifier, expectedState: flow.state, idTokenExpected: true };
    const options = { DPoP: flow.dpop };
    const tokens = await oidc.authorizationCodeGrant(flow.config, new URL(url), checks, undefined, options);
    const claims = tokens.claims();
    const userinfo = await oidc.fetchUserInfo(flow.config, tokens.access_token, claims.sub, { DPoP: flow.dpop });
    return {
      claims,
      userinfo,
      token_type: tokens.token_type,
      authorization_details: tokens.authorization_details,
      secrets: [flow.verifier, tokens.access_token, tokens.id_token],
    };
  },
};

const ways = {
  par: (asked) => oidc.buildAuthorizationUrlWithPAR(flow.config, asked, { DPoP: flow.dpop }),
  jar: (asked) => oidc.buildAuthorizationUrlWithJAR(flow.config, asked, flow.key),
  signed: async (asked) => {
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(flow.config, asked, flow.key);
    return oidc.buildAuthorizationUrlWithPAR(flow.config, searchParams, { DPoP: flow.dpop });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [[name, argument], ...others] = Object.entries(JSON.parse(line));
  try {
    console.log(JSON.stringify(await orders[name](argument, Object.fromEntries(others))));
  } catch (error) {
    console.log(JSON.stringify({ error: error.error ?? error.code ?? error.name, message: String(error.cause ?? error) }));
  }
}
