import type { DebugProtocol } from "@vscode/debugprotocol";
import { detailsOf } from "../breakpointDetails.ts";
import type { RequestHandler } from "./handler.ts";

/** Functions are ops (`mul`), backward nodes (`MulBackward0`), and modules by name or class (`Linear`). */
export const setFunctionBreakpoints: RequestHandler<
  DebugProtocol.SetFunctionBreakpointsRequest,
  DebugProtocol.SetFunctionBreakpointsResponse
> = {
  answer: (adapter, { breakpoints }) => {
    const own = adapter.breakpoints.set(
      "functions",
      breakpoints.map((one) => ({ kind: "function" as const, name: one.name.trim(), ...detailsOf(one) })),
    );
    const session = adapter.currentSession;
    if (session !== null) session.breakpoints = adapter.breakpoints.all;
    return { breakpoints: own.map((one) => adapter.breakpoints.verdict(one, session)) };
  },
};
