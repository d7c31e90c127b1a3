// A single-page application on oidc-client-ts. Its page calls what stands here as `party`.
import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

const settings = JSON.parse(document.getElementById('settings').textContent);
const manager = new UserManager({
  ...settings,
  redirect_uri: `${location.origin}/index.html`,
  post_logout_redirect_uri: `${location.origin}/index.html`,
  response_type: 'code',
  scope: 'openid profile email offline_access',
  loadUserInfo: true,
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

globalThis.party = {
  signIn: () => void manager.signinRedirect(),
  callback: async () => told(await manager.signinCallback()),
  refresh: async () => told(await manager.signinSilent()),
  signOut: () => void manager.signoutRedirect({ state: 'bye' }),
  signedOut: async () => (await manager.signoutCallback())?.error ?? null,
};
