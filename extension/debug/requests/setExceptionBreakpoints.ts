import type { DebugProtocol } from "@vscode/debugprotocol";
import { type ExceptionFilterId, exceptionFilters, limitOf } from "../session/breakpoints.ts";
import type { RequestHandler } from "./handler.ts";

export const setExceptionBreakpoints: RequestHandler<
  DebugProtocol.SetExceptionBreakpointsRequest,
  DebugProtocol.SetExceptionBreakpointsResponse
> = {
  answer: (adapter, { filters, filterOptions = [] }) => {
    const asked = [...filters.map((filterId) => ({ filterId, condition: undefined })), ...filterOptions];
    const verdicts = asked.map(({ filterId, condition }) => whyNot(filterId, condition));
    adapter.breakpoints.set(
      "exceptions",
      asked
        .filter((_, i) => verdicts[i] === null)
        .map(({ filterId, condition }) => ({
          kind: "exception" as const,
          filter: filterId as ExceptionFilterId,
          condition: condition?.trim() || null,
          hitCondition: null,
          logMessage: null,
        })),
    );
    const session = adapter.currentSession;
    if (session !== null) session.breakpoints = adapter.breakpoints.all;
    return {
      breakpoints: verdicts.map((why) => (why === null ? { verified: true } : { verified: false, message: why })),
    };
  },
};

function whyNot(id: string, condition: string | undefined): string | null {
  const known = exceptionFilters.find(({ filter }) => filter === id);
  if (known === undefined) return `There is no filter '${id}'.`;
  if (known.filter !== "exploding" && known.filter !== "vanishing") return null;
  return limitOf(known.filter, condition ?? null) === null
    ? `'${condition}' is no norm: write a number above 0.`
    : null;
}
