import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import type { BreakpointMode } from "../session/breakpoints.ts";
import type { RequestHandler } from "./handler.ts";

export const setBreakpoints: RequestHandler<DebugProtocol.SetBreakpointsRequest, DebugProtocol.SetBreakpointsResponse> =
  {
    answer: async (adapter, { source, breakpoints = [] }) => {
      const { path = "" } = source;
      const file = adapter.places.ownFile(path);
      const wanted = breakpoints.map((one) => ({
        kind: "line" as const,
        file,
        line: adapter.places.ownLine(one.line),
        mode: modeOf(one.mode),
        ...detailsOf(one),
      }));
      return { breakpoints: await adapter.setBreakpoints(`lines of ${file}`, wanted) };
    },
  };

function modeOf(mode: string | undefined): BreakpointMode {
  return mode === "forward" || mode === "backward" ? mode : "both";
}
