import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import type { BreakpointMode } from "../session/breakpoints.ts";
import type { RequestHandler } from "./handler.ts";

export const setBreakpoints: RequestHandler<DebugProtocol.SetBreakpointsRequest, DebugProtocol.SetBreakpointsResponse> =
  {
    answer: async (adapter, { source, breakpoints = [] }) => {
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
      if (adapter.currentSession !== null) adapter.currentSession.breakpoints = adapter.breakpoints.all;
      // They hold from now on; whether they are bound can be said once the program's file is compiled.
      await adapter.launched;
      const session = adapter.currentSession;
      await session?.whenLoaded();
      return { breakpoints: own.map((one) => adapter.breakpoints.verdict(one, session)) };
    },
  };

function modeOf(mode: string | undefined): BreakpointMode {
  return mode === "forward" || mode === "backward" ? mode : "both";
}
