import type { RunEnding } from "./outcome.ts";

/** How a child process that should have lived ended. */
export interface ChildDeath {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: readonly string[];
  /** Why we ended it ourselves, or what kept it from starting; null when it died on its own. */
  readonly reason: string | null;
  /** Whether it came as far as being able to run a program. */
  readonly wasReady: boolean;
}

/** What a child's death means for the run it was in, in plain words. */
export function endingOfDeath(death: ChildDeath, limitMb: number): RunEnding {
  const { code, signal, stderr, reason, wasReady } = death;
  if (reason !== null) return { kind: "crashed", signal, code, message: reason, stderr };
  if (stderr.some((line) => /heap out of memory|Reached heap limit|Allocation failed/.test(line))) {
    return { kind: "out-of-memory", limitMb: limitMb || null, usedMb: null };
  }
  const message = wasReady
    ? sentence(code, signal)
    : `The runner could not start. ${firstError(stderr) ?? sentence(code, signal)}`;
  return { kind: "crashed", signal, code, message, stderr };
}

function firstError(stderr: readonly string[]): string | undefined {
  return stderr.find((line) => /\bError\b.*: |bad option/.test(line));
}

const signalSentences: Readonly<Record<string, string>> = {
  SIGKILL: "The program's process was killed from outside, which is also what the system does when memory runs out.",
  SIGSEGV: "The program's process crashed in native code (a bad memory access).",
  SIGBUS: "The program's process crashed in native code (a bad memory access).",
  SIGILL: "The program's process crashed in native code (an illegal instruction).",
  SIGABRT: "The program's process gave up because of an error it could not handle.",
  SIGTERM: "The program's process was ended from outside.",
  SIGINT: "The program's process was interrupted from outside.",
};

function sentence(code: number | null, signal: string | null): string {
  if (signal !== null) return signalSentences[signal] ?? `The program's process was ended by ${signal}.`;
  return `The program's process ended unexpectedly with code ${code ?? "unknown"}.`;
}
