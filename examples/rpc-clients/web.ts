import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb";
import { ProjectService } from "./gen/hexkeep/management/v1/project_pb";

/** What carries the calls: Connect, or gRPC-web where a proxy knows no other. Reads are sent as GET. */
export function transport(origin: string, token: string, grpcWeb = false): Transport {
  const make = grpcWeb ? createGrpcWebTransport : createConnectTransport;
  return make({
    baseUrl: origin,
    useHttpGet: true,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
}

/** The names of the projects that the caller may read, page by page; at least as new as a position, if one is given. */
export async function projects(carrier: Transport, position = ""): Promise<string[]> {
  const headers: HeadersInit = position ? { "hexkeep-position": position } : {};
  const client = createClient(ProjectService, carrier);
  const names: string[] = [];
  let cursor = "";
  do {
    const page = await client.listProjects({ limit: 100n, cursor }, { headers });
    names.push(...page.projects.map((project) => project.name));
    cursor = page.nextCursor;
  } while (cursor);
  return names;
}

/** Makes a project; sent again with the same key it is made once. Answers why not, where it is not made. */
export async function createProject(carrier: Transport, organizationId: string, name: string, key: string) {
  const client = createClient(ProjectService, carrier);
  let position = "";
  try {
    const made = await client.createProject(
      { organizationId, name },
      {
        headers: { "idempotency-key": key },
        onHeader: (headers) => {
          position = headers.get("hexkeep-position") ?? "";
        },
      },
    );
    return { projectId: made.projectId, position };
  } catch (error) {
    const failed = ConnectError.from(error);
    const [info] = failed.findDetails(ErrorInfoSchema);
    const [request] = failed.findDetails(BadRequestSchema);
    return { code: Code[failed.code], reason: info?.reason, fields: request?.fieldViolations.map((one) => one.field) };
  }
}
