import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const breakpointLocations: RequestHandler<
  DebugProtocol.BreakpointLocationsRequest,
  DebugProtocol.BreakpointLocationsResponse
> = {
  answer: (adapter, { source, line, endLine = line }) => {
    const { places } = adapter;
    const file = places.ownFile(source.path ?? "");
    const lines = adapter.currentSession?.sources.linesWithCalls(file, places.ownLine(line), places.ownLine(endLine));
    return { breakpoints: (lines ?? []).map((one) => ({ line: places.line(one) })) };
  },
};
