// What a page of another origin calls: @connectrpc/connect-web as the example does, and google's grpc-web.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpcWeb from "grpc-web";
import { createProject, projects, transport } from "./web";
import {
  type WatchEventsRequest,
  WatchEventsRequestSchema,
  type WatchEventsResponse,
  WatchEventsResponseSchema,
} from "./gen/hexkeep/admin/v1/history_pb";
import {
  type ListProjectsRequest,
  ListProjectsRequestSchema,
  type ListProjectsResponse,
  ListProjectsResponseSchema,
} from "./gen/hexkeep/management/v1/project_pb";

async function connect(origin: string, token: string, organizationId: string, web: boolean) {
  const carrier = transport(origin, token, web);
  const name = `By-a-page-${web}`;
  const made = await createProject(carrier, organizationId, name, name);
  return {
    made,
    projects: await projects(carrier, made.position),
    refused: await createProject(carrier, organizationId, "", `${name}-again`),
  };
}

const watch = new grpcWeb.MethodDescriptor<WatchEventsRequest, WatchEventsResponse>(
  "/hexkeep.admin.v1.HistoryService/WatchEvents",
  "server_streaming",
  Object as never,
  Object as never,
  (request: WatchEventsRequest) => toBinary(WatchEventsRequestSchema, request),
  (bytes: Uint8Array) => fromBinary(WatchEventsResponseSchema, bytes),
);

/** The types of the first events, in two batches at least. */
function watched(origin: string, authorization: string): Promise<string[]> {
  const client = new grpcWeb.GrpcWebClientBase({ format: "text" });
  const request = create(WatchEventsRequestSchema, { limit: 2n, since: { seconds: 1n } });
  const stream = client.serverStreaming(origin + watch.getName(), request, { authorization }, watch);
  const types: string[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", (batch) => {
      types.push(...batch.events.map((event) => event.type));
      if (types.length > 2) {
        stream.cancel();
        resolve(types);
      }
    });
    stream.on("error", reject);
  });
}

const method = new grpcWeb.MethodDescriptor<ListProjectsRequest, ListProjectsResponse>(
  "/hexkeep.management.v1.ProjectService/ListProjects",
  "unary",
  Object as never,
  Object as never,
  (request: ListProjectsRequest) => toBinary(ListProjectsRequestSchema, request),
  (bytes: Uint8Array) => fromBinary(ListProjectsResponseSchema, bytes),
);

async function google(origin: string, token: string, format: "text" | "binary") {
  const client = new grpcWeb.GrpcWebClientBase({ format });
  const call = (authorization: string) =>
    client.unaryCall(
      origin + method.getName(),
      create(ListProjectsRequestSchema, { limit: 100n }),
      { authorization },
      method,
    );
  const listed = await call(`Bearer ${token}`);
  const stranger = await call("Bearer nonsense").catch((error) => error.code);
  const types = format === "text" ? await watched(origin, `Bearer ${token}`) : [];
  return { types, projects: listed.projects.map((one) => one.name), stranger };
}

Object.assign(globalThis, { calls: { connect, google } });
