import { isNumber, isOneOf, isString, nullable, shapeOf } from "./guards.ts";

/** What run a panel shows. */
export interface RunSummary {
  /** As a person names it: relative to the workspace. */
  readonly file: string;
  /** Milliseconds since 1970; null where nobody knows, as of a trace. */
  readonly startedAt: number | null;
  readonly durationMs: number;
  readonly outcome: RunEndWord;
}

/** How a run ended, in one word; `warned` and `faulty` came to their end, but with alerts. */
export type RunEndWord = "ok" | "warned" | "faulty" | "failed" | "stopped" | "running";

export const isRunSummary = shapeOf<RunSummary>({
  file: isString,
  startedAt: nullable(isNumber),
  durationMs: isNumber,
  outcome: isOneOf("ok", "warned", "faulty", "failed", "stopped", "running"),
});
