import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import type { BreakpointMode } from "../session/breakpoints.ts";
import type { RequestHandler } from "./handler.ts";

export const setBreakpoints: RequestHandler<DebugProtocol.SetBreakpointsRequest, DebugProtocol.SetBreakpointsResponse> =
  {
    answer: (adapter, { source, breakpoints = [] }) => {
      const { path = "" } = source;
      const file = adapter.places.ownFile(path);
      const own = adapter.breakpoints.set(
        `lines of ${file}`,
        breakpoints.map((one) => ({
          kind: "line" as const,
          file,
          line: adapter.places.ownLine(one.line),
          mode: modeOf(one.mode),
          ...detailsOf(one),
        })),
      );
      const session = adapter.currentSession;
      if (session !== null) session.breakpoints = adapter.breakpoints.all;
      return { breakpoints: own.map((one) => adapter.breakpoints.verdict(one, session)) };
    },
  };

function modeOf(mode: string | undefined): BreakpointMode {
  return mode === "forward" || mode === "backward" ? mode : "both";
}
