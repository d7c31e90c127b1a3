// A single-page application on oidc-client-ts. Its page calls what stands here as `party`.
//
// With `dpop` among its settings its tokens are bound to a key that no script can take out of the browser. The library
// asks userinfo with a bearer token all the same, so there the page asks by itself.
import { IndexedDbDPoPStore, UserManager, WebStorageStateStore } from 'oidc-client-ts';

const { dpop, ...settings } = JSON.parse(document.getElementById('settings').textContent);
const manager = new UserManager({
  ...settings,
  ...(dpop ? { dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() } } : {}),
  redirect_uri: `${location.origin}${location.pathname}`,
  post_logout_redirect_uri: `${location.origin}${location.pathname}`,
  response_type: 'code',
  scope: `openid profile email offline_access${dpop ? ' urn:hexkeep:api' : ''}`,
  loadUserInfo: !dpop,
  monitorSession: false,
  automaticSilentRenew: false,
  userStore: new WebStorageStateStore({ store: sessionStorage }),
});

const told = (user) => ({
  profile: user.profile,
  access_token: user.access_token,
  refresh_token: user.refresh_token,
  token_type: user.token_type,
  id_token: user.id_token,
});

// A call of an API from this page, tried again with the nonce that the first answer demands (RFC 9449 section 9).
async function bound(url, nonce) {
  const user = await manager.getUser();
  const proof = await manager.dpopProof(url, user, 'GET', nonce);
  const response = await fetch(url, { headers: { authorization: `DPoP ${user.access_token}`, dpop: proof } });
  const wanted = response.headers.get('dpop-nonce');
  return response.status === 401 && wanted && !nonce ? bound(url, wanted) : response;
}

async function stolen(url) {
  const { access_token } = await manager.getUser();
  return (await fetch(url, { headers: { authorization: `Bearer ${access_token}` } })).status;
}

globalThis.party = {
  signIn: () => void manager.signinRedirect(),
  callback: async () => told(await manager.signinCallback()),
  refresh: async () => told(await manager.signinSilent()),
  call: async (url) => (await bound(url)).json(),
  stolen,
  signOut: () => void manager.signoutRedirect({ state: 'bye' }),
  signedOut: async () => (await manager.signoutCallback())?.error ?? null,
};
