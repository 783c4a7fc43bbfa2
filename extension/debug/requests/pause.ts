import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const pause: RequestHandler<DebugProtocol.PauseRequest, DebugProtocol.PauseResponse> = {
  answer: (adapter) => {
    if (adapter.session.stopped === null) adapter.session.pause();
    return undefined;
  },
};
