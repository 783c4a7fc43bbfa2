import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const threads: RequestHandler<DebugProtocol.ThreadsRequest, DebugProtocol.ThreadsResponse> = {
  answer: () => ({ threads: [{ id: 1, name: "model" }] }),
};
