import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import { decodeWatch } from "../dataWatches.ts";
import type { RequestHandler } from "./handler.ts";

export const setDataBreakpoints: RequestHandler<
  DebugProtocol.SetDataBreakpointsRequest,
  DebugProtocol.SetDataBreakpointsResponse
> = {
  answer: async (adapter, { breakpoints }) => {
    const watches = breakpoints.map(({ dataId }) => decodeWatch(dataId));
    const wanted = breakpoints.flatMap((one, i) => {
      const watch = watches[i];
      return watch ? [{ kind: "data" as const, watch, ...detailsOf(one) }] : [];
    });
    const bound = await adapter.setBreakpoints("data", wanted);
    return {
      breakpoints: watches.map((watch, i) => {
        const next = watch === null ? undefined : bound.shift();
        return next ?? { verified: false, message: `'${breakpoints[i]?.dataId}' names nothing that can be watched.` };
      }),
    };
  },
};
