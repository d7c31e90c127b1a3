// A service provider on @node-saml/node-saml. It takes orders line by line, one JSON object each, and answers alike.
//
// {configure}, {begin}, {accept}, {sign_out}, {hear} and {signed_out} are what tests/saml_parties.py has as methods.

import { createInterface } from "node:readline";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";

let saml, certificate, person;

const orders = {
  configure: async (options) => {
    certificate = options.publicCert;
    saml = new SAML({
      ...options,
      signatureAlgorithm: "sha256",
      digestAlgorithm: "sha256",
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      identifierFormat: null,
      disableRequestedAuthnContext: true,
      // Of a LogoutResponse that comes by a form it does not find what that answers, and would always miss it.
      validateInResponseTo: options.redirected ? ValidateInResponseTo.always : ValidateInResponseTo.ifPresent,
      acceptedClockSkewMs: 5000,
    });
    return { metadata: saml.generateServiceProviderMetadata(null, certificate) };
  },

  begin: async (relayState) => ({ url: await saml.getAuthorizeUrlAsync(relayState, undefined, {}) }),

  accept: async (form) => {
    const { profile } = await saml.validatePostResponseAsync(form);
    person = profile;
    return { ...told(profile), attributes: profile.attributes ?? {} };
  },

  sign_out: async (relayState) => ({ url: await saml.getLogoutUrlAsync(person, relayState, {}) }),

  hear: async ({ query, form }) => {
    const { profile } = query ? await redirected(query) : await saml.validatePostRequestAsync(form);
    const known = profile.nameID === person.nameID && profile.sessionIndex === person.sessionIndex;
    const url = await saml.getLogoutResponseUrlAsync(profile, "", {}, known);
    return { ...told(profile), url };
  },

  signed_out: async ({ query, form }) => {
    const { loggedOut } = query ? await redirected(query) : await saml.validatePostResponseAsync(form);
    if (!loggedOut) throw new Error("nobody was signed out");
    return {};
  },
};

const redirected = (query) => saml.validateRedirectAsync(Object.fromEntries(new URLSearchParams(query)), query);
const told = ({ nameID, nameIDFormat, sessionIndex }) => ({ nameID, nameIDFormat, sessionIndex });

for await (const line of createInterface({ input: process.stdin })) {
  const [[order, value]] = Object.entries(JSON.parse(line));
  let answer;
  try {
    answer = await orders[order](value);
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  console.log(JSON.stringify(answer));
}
