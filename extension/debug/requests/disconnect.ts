import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

/** A program that nobody debugs any more does not go on: it was started for that alone. */
export const disconnect: RequestHandler<DebugProtocol.DisconnectRequest, DebugProtocol.DisconnectResponse> = {
  answer: async (adapter) => {
    await adapter.currentSession?.end();
    return undefined;
  },
  after: (adapter) => void adapter.dispose(),
};
