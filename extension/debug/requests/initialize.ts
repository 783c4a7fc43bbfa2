import type { DebugProtocol } from "@vscode/debugprotocol";
import { capabilities } from "../capabilities.ts";
import type { RequestHandler } from "./handler.ts";

export const initialize: RequestHandler<DebugProtocol.InitializeRequest, DebugProtocol.InitializeResponse> = {
  answer: (adapter, args) => {
    const { linesStartAt1 = true, columnsStartAt1 = true, supportsStartDebuggingRequest = false, clientID } = args;
    if (clientID === "vscode") adapter.startsDebugging = "on event";
    else if (supportsStartDebuggingRequest) adapter.startsDebugging = "on request";
    adapter.places.linesStartAt1 = linesStartAt1;
    adapter.places.columnsStartAt1 = columnsStartAt1;
    // While the client reads, the child can start.
    adapter.warm();
    return capabilities();
  },
  after: (adapter) => adapter.tell("initialized", {}),
};
