// npm oidc-provider, configured to give what the benchmarks ask of Hexkeep: a peer that we did not write, with
// everything in memory. It prints one line of JSON: its port, and the tokens and codes to ask with.
import { createServer } from 'node:http';
import { generateKeyPair, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';

const codes = Number(process.argv[2] ?? 0);
const api = 'urn:bench:api';
const callback = 'https://shop.example.com/callback';

const key = async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg };
};

class Memory {
  static kept = new Map();
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload) { Memory.kept.set(this.key(id), payload); }
  async find(id) { return Memory.kept.get(this.key(id)); }
  async findByUid(uid) { return [...Memory.kept.values()].find((one) => one.uid === uid); }
  async consume(id) { Memory.kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { Memory.kept.delete(this.key(id)); }
  async revokeByGrantId() {}
}

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const { port } = server.address();
const provider = new Provider(`http://localhost:${port}`, {
  adapter: Memory,
  clients: [{
    client_id: 'shop',
    client_secret: 'secret-of-the-shop',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  }],
  jwks: { keys: [await key('RS256'), await key('ES256')] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', locale: 'en' }),
  }),
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'locale'] },
  scopes: ['openid', 'profile', 'offline_access', 'read'],
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  pkce: { required: () => false },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.body?.grant_type === 'client_credentials' ? api : undefined),
      useGrantedResource: () => false,
      getResourceServerInfo: () => ({
        scope: 'read', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});
const client = await provider.Client.find('shop');
const grant = new provider.Grant({ accountId: 'ada', clientId: 'shop' });
grant.addOIDCScope('openid profile offline_access');
const grantId = await grant.save();
const facts = { accountId: 'ada', client, grantId, scope: 'openid profile offline_access', authTime: 1_700_000_000 };
const minted = [];
for (let number = 0; number < codes; number += 1) {
  const own = new provider.Grant({ accountId: 'ada', clientId: 'shop' });
  own.addOIDCScope('openid profile offline_access');
  const code = new provider.AuthorizationCode({ ...facts, grantId: await own.save(), redirectUri: callback });
  minted.push(await code.save());
}
const opaque = await new provider.AccessToken({ ...facts, gty: 'authorization_code' }).save();
server.on('request', provider.callback());
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(JSON.stringify({ port, pid: process.pid, callback, codes: minted, opaque }));
