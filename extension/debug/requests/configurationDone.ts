import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const configurationDone: RequestHandler<
  DebugProtocol.ConfigurationDoneRequest,
  DebugProtocol.ConfigurationDoneResponse
> = {
  answer: () => undefined,
  after: (adapter) => adapter.configured(),
};
