import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import { decodeWatch } from "../dataWatches.ts";
import type { RequestHandler } from "./handler.ts";

export const setDataBreakpoints: RequestHandler<
  DebugProtocol.SetDataBreakpointsRequest,
  DebugProtocol.SetDataBreakpointsResponse
> = {
  answer: (adapter, { breakpoints }) => {
    const watches = breakpoints.map(({ dataId }) => decodeWatch(dataId));
    const own = adapter.breakpoints.set(
      "data",
      breakpoints.flatMap((one, i) => {
        const watch = watches[i];
        return watch ? [{ kind: "data" as const, watch, ...detailsOf(one) }] : [];
      }),
    );
    const session = adapter.currentSession;
    if (session !== null) session.breakpoints = adapter.breakpoints.all;
    const bound = [...own];
    return {
      breakpoints: watches.map((watch, i) => {
        const next = watch === null ? undefined : bound.shift();
        if (next !== undefined) return adapter.breakpoints.verdict(next, session);
        return { verified: false, message: `'${breakpoints[i]?.dataId}' names nothing that can be watched.` };
      }),
    };
  },
};
