import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const terminate: RequestHandler<DebugProtocol.TerminateRequest, DebugProtocol.TerminateResponse> = {
  answer: async (adapter) => {
    await adapter.currentSession?.end();
    return undefined;
  },
};
