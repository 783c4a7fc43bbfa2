import { isNumber, isOneOf, isString, shapeOf } from "./guards.ts";

/** What run a panel shows. */
export interface RunSummary {
  /** As a person names it: relative to the workspace. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: RunEndWord;
}

/** How a run ended, in one word; `warned` and `faulty` came to their end, but with alerts. */
export type RunEndWord = "ok" | "warned" | "faulty" | "failed" | "stopped" | "running";

export const isRunSummary = shapeOf<RunSummary>({
  file: isString,
  startedAt: isNumber,
  durationMs: isNumber,
  outcome: isOneOf("ok", "warned", "faulty", "failed", "stopped", "running"),
});
