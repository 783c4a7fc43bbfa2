import type { Case } from "./format.ts";
import { Unsupported } from "./surface.ts";
import { runTapeCase } from "./tapeCase.ts";
import { runClipCase, runOptimizerCase, runSchedulerCase } from "./trainingCase.ts";
import { checkCase } from "./wellFormed.ts";

/** What came of a case; unsupported: the engine lacks something that the case calls. */
export type Outcome =
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly reason: string }
  | { readonly status: "unsupported"; readonly missing: string };

/** Runs a case. Only what is missing from the public surface counts as unsupported; an error in a formula is a failure. */
export function runCase(test: Case): Outcome {
  try {
    attempt(test);
    return { status: "passed" };
  } catch (error) {
    if (error instanceof Unsupported) return { status: "unsupported", missing: error.what };
    return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs a case and throws what went wrong. */
export function attempt(test: Case): void {
  checkCase(test);
  if (test.kind === undefined) runTapeCase(test);
  else if (test.kind === "optimizer" || test.kind === "training") runOptimizerCase(test);
  else if (test.kind === "scheduler") runSchedulerCase(test);
  else if (test.kind === "clip_grad_norm_" || test.kind === "clip_grad_value_") runClipCase(test);
  else throw new Unsupported(`case of kind ${(test as { kind: unknown }).kind}`);
}
