import type { DebugProtocol } from "@vscode/debugprotocol";
import type { NewBreakpoint } from "../breakpointBook.ts";
import { detailsOf } from "../breakpointDetails.ts";
import { decodeWatch } from "../dataWatches.ts";
import type { RequestHandler } from "./handler.ts";

/**
 * Functions are ops (`mul`), backward nodes (`MulBackward0`), and modules by name or class (`Linear`). What data
 * breakpoints watch can be written here, too (`grad-nonfinite:w1`): clients let people type these names.
 */
export const setFunctionBreakpoints: RequestHandler<
  DebugProtocol.SetFunctionBreakpointsRequest,
  DebugProtocol.SetFunctionBreakpointsResponse
> = {
  answer: async (adapter, { breakpoints }) => {
    const wanted = breakpoints.map((one): NewBreakpoint => {
      const name = one.name.trim();
      const watch = decodeWatch(name);
      return watch === null
        ? { kind: "function", name, ...detailsOf(one) }
        : { kind: "data", watch, ...detailsOf(one) };
    });
    return { breakpoints: await adapter.setBreakpoints("functions", wanted) };
  },
};
