// What a page of another origin calls: @connectrpc/connect-web as the example does, and google's grpc-web.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpcWeb from "grpc-web";
import { createProject, projects, transport } from "./web";
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
  return { projects: listed.projects.map((one) => one.name), stranger };
}

Object.assign(globalThis, { calls: { connect, google } });
