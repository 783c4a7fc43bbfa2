import type { BreakpointDetails } from "./session/breakpoints.ts";

/** What every kind of breakpoint may have in the protocol. */
interface ClientDetails {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}

/** Empty texts are none. */
export function detailsOf({ condition, hitCondition, logMessage }: ClientDetails): BreakpointDetails {
  return {
    condition: condition?.trim() || null,
    hitCondition: hitCondition?.trim() || null,
    logMessage: logMessage || null,
  };
}
