// A client of native gRPC: @grpc/grpc-js on the committed .proto files. Reads one line of JSON, what to do with which
// server, and writes one line of JSON, what came of it. tests/e2e/test_grpc_node.py judges.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [line] = await once(createInterface({ input: process.stdin }), 'line');
const task = JSON.parse(line);

const definition = loadSync(
  ['auth/v1/session.proto', 'admin/v1/history.proto', 'management/v1/user.proto', 'management/v1/project.proto'].map((path) => `hexkeep/${path}`),
  { includeDirs: [task.proto], keepCase: true, arrays: true, longs: String, enums: String },
);
const { auth, admin, management } = grpc.loadPackageDefinition(definition).hexkeep;
const credentials = task.ca
  ? grpc.credentials.createSsl(readFileSync(task.ca))
  : grpc.credentials.createInsecure();
const client = (service, options = {}) => new service(task.target, credentials, { 'grpc.default_authority': task.authority, ...options });

const metadata = (fields = {}) => {
  const made = new grpc.Metadata();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
};
const soon = (milliseconds = 20000) => ({ deadline: Date.now() + milliseconds });
const told = (error) => ({
  code: grpc.status[error.code],
  message: error.details,
  request_id: error.metadata?.get('x-request-id')[0],
  details: Boolean(error.metadata?.get('grpc-status-details-bin')[0]?.length),
});

// One call: its answer and metadata, or its error.
const call = (stub, method, request, fields, options = soon()) =>
  new Promise((resolve) => {
    let initial;
    const made = stub[method](request, metadata(fields), options, (error, answer) => {
      resolve(error ? { error: told(error) } : { answer, initial: initial?.getMap() });
    });
    made.on('metadata', (received) => { initial = received; });
  });

const results = {};
const sessions = client(auth.v1.SessionService);
const users = client(management.v1.UserService);

const opened = await call(sessions, 'CreateSession', { login_name: task.user, password: task.password });
const bearer = { authorization: `Bearer ${opened.answer.session_token}` };
results.token = opened.answer.session_token;

results.unary = await call(users, 'ListUsers', {}, { ...bearer, 'x-request-id': 'from-node' });
results.refused = await call(users, 'ListUsers', {}, { 'x-request-id': 'nobody' });
results.invalid = await call(users, 'ListUsers', { limit: -5 }, bearer);
results.large = await call(sessions, 'CreateSession', { login_name: 'a'.repeat(5_000_000) });
results.gzip = await call(client(management.v1.UserService, { 'grpc.default_compression_algorithm': 2 }), 'ListUsers', {}, bearer);

// A stream: what happens while it is open comes; then it is cancelled.
const projects = client(management.v1.ProjectService);
const history = client(admin.v1.HistoryService);
const watched = history.WatchEvents({}, metadata(bearer), soon(60000));
results.stream = await new Promise((resolve) => {
  const seen = [];
  let writing = false;
  watched.on('data', async (batch) => {
    seen.push(...batch.events.map((event) => event.type));
    if (!writing) {
      writing = true;
      results.written = await call(projects, 'CreateProject', { organization_id: results.unary.answer.users[0].organization_id, name: 'By node' }, bearer);
    }
    if (seen.includes('project.added')) watched.cancel();
  });
  watched.on('error', (error) => resolve({ seen, code: grpc.status[error.code] }));
  watched.on('end', () => resolve({ seen, code: 'OK' }));
});

// A deadline ends a stream that waits.
results.deadline = await new Promise((resolve) => {
  const short = history.WatchEvents({}, metadata(bearer), soon(500));
  short.on('data', () => {});
  short.on('error', (error) => resolve(grpc.status[error.code]));
  short.on('end', () => resolve('OK'));
});

// Health, with messages by hand: an empty request is about the whole server, field 1 of the answer is its status.
const raw = new grpc.Client(task.target, credentials, { 'grpc.default_authority': task.authority });
const bytes = (value) => value;
results.health = await new Promise((resolve, reject) => {
  const health = raw.makeServerStreamRequest('/grpc.health.v1.Health/Watch', bytes, bytes, Buffer.alloc(0), metadata(), soon());
  health.on('data', (answer) => { resolve([...answer]); health.cancel(); });
  health.on('error', reject);
});

console.log(JSON.stringify(results));
for (const one of [sessions, users, projects, history, raw]) one.close();
process.exit(0);
