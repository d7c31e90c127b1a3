// Calls over sockets with @connectrpc/connect-node: argv is {origin, token, organizationId} as JSON, each line of the
// output {carrier, ...what happened}.

import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createProject, projects } from "./web";
import { HistoryService } from "./gen/hexkeep/admin/v1/history_pb";
import { UserService } from "./gen/hexkeep/management/v1/user_pb";

const { origin, token, organizationId } = JSON.parse(process.argv[2]);
const authorized: Interceptor = (next) => (request) => {
  request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};
const common = { baseUrl: origin, httpVersion: "1.1" as const, interceptors: [authorized] };
const carriers = {
  "connect-proto": createConnectTransport({ ...common, useBinaryFormat: true, useHttpGet: true }),
  "connect-json": createConnectTransport({ ...common, useBinaryFormat: false, useHttpGet: true }),
  "grpc-web-proto": createGrpcWebTransport({ ...common, useBinaryFormat: true }),
  "grpc-web-json": createGrpcWebTransport({ ...common, useBinaryFormat: false }),
};

for (const [carrier, transport] of Object.entries(carriers)) {
  const users = createClient(UserService, transport);
  let headers = new Headers();
  const made = await createProject(transport, organizationId, `By ${carrier}`, carrier);
  const again = await createProject(transport, organizationId, `By ${carrier}`, carrier);
  const { users: listed } = await users.listUsers(
    { limit: 1n },
    { onHeader: (found) => (headers = found), headers: { "x-request-id": `by-${carrier}` } },
  );
  const nobody = await users.getUser({ userId: "nobody" }).catch(ConnectError.from);
  const watched: string[] = [];
  const leaving = new AbortController();
  const events = createClient(HistoryService, transport);
  try {
    for await (const batch of events.watchEvents({ limit: 2n, since: { seconds: 1n } }, { signal: leaving.signal })) {
      watched.push(...batch.events.map((event) => event.type));
      if (watched.length > 2) leaving.abort();
    }
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Canceled) throw error;
  }
  console.log(
    JSON.stringify({
      carrier,
      made,
      again,
      projects: await projects(transport, made.position),
      watched,
      refused: await createProject(transport, organizationId, "", `${carrier}-2`),
      created: listed[0].createdAt?.seconds !== undefined,
      requestId: headers.get("x-request-id"),
      nobody: nobody instanceof ConnectError ? Code[nobody.code] : "answered",
    }),
  );
}
