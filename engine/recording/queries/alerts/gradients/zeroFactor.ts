import { TensorFlag } from "../../../schema.ts";
import { formatShort } from "../../numbers.ts";
import type { Parts } from "../../parts.ts";
import { type Backward, type History, type NodeRuns, nodeRuns } from "../history.ts";
import { nameOf } from "../words.ts";

/** Where a gradient that came in became zero. */
export interface ZeroFactor {
  /** The forward op. */
  readonly event: number;
  readonly op: string;
  readonly text: string;
  /** Why it can't be another one here: it is a constant, or the op is flat everywhere; null when it can. */
  readonly fixed: "constant" | "flat" | null;
}

/** Ops whose slope is 0 wherever they have one. */
const flat = new Set(["round", "floor", "ceil", "trunc", "sign", "sgn", "heaviside", "bernoulli"]);

/** Finds the op in whose backward the gradient of a leaf became zero; null when it can't be told. */
export function* zeroFactor(history: History, accumulate: number): Parts<ZeroFactor | null> {
  const runs = yield* nodeRuns.inParts(history);
  const backward = history.backwards[history.backwardOf[accumulate] - 1];
  if (backward === undefined) return null;
  const seen = new Set<number>();
  let tensor = history.rows.inputs(accumulate)[0];
  for (;;) {
    const step = stepToward(history, runs, tensor, backward);
    yield;
    if (step === null || seen.has(step.node)) return null;
    seen.add(step.node);
    if (!isZero(history, step.incoming)) return describe(history, step, tensor);
    tensor = history.rows.outputs(step.forward)[0];
  }
}

const isZero = (history: History, tensor: number): boolean =>
  tensor === 0 || (history.recording.tables.tensors.column.flags[tensor] & TensorFlag.zero) !== 0;

/** The node of a backward that gave the gradient of a tensor: its forward op, and which input the tensor was. */
function stepToward(history: History, { first, next }: NodeRuns, tensor: number, { start, end }: Backward) {
  let found: ZeroStep | null = null;
  for (const forward of history.consumers(tensor)) {
    let node = first[forward];
    while (node !== 0 && node < start) node = next[node];
    if (node === 0 || node >= (found?.node ?? end)) continue;
    found = { node, forward, input: history.rows.inputs(forward).indexOf(tensor) };
  }
  return found === null ? null : { ...found, incoming: history.rows.inputs(found.node)[0] ?? 0 };
}

/** Ways that bring opposite gradients add up to zero. */
function cancels(history: History, { node, forward }: ZeroStep, tensor: number): boolean {
  const gradients = history.rows.outputs(node);
  return [...history.rows.inputs(forward)].some(
    (input, i) => input === tensor && i < gradients.length && !isZero(history, gradients[i]),
  );
}

interface ZeroStep {
  readonly node: number;
  readonly forward: number;
  readonly input: number;
}

function describe(history: History, step: ZeroStep, leaf: number): ZeroFactor {
  const { forward, input } = step;
  if (cancels(history, step, leaf)) {
    const op = history.name(forward);
    return { event: forward, op, fixed: null, text: `the ways to it bring opposite gradients, which add up to 0` };
  }
  const { refs, events, tensors } = history.recording.tables;
  const op = history.name(forward);
  const first = events.column.refs[forward];
  const n = events.column.inputs[forward];
  for (let i = 0; i < n; i++) {
    if (i === input) continue;
    const tensor = refs.column.tensor[first + i];
    const value = refs.column.value[first + i];
    if (tensor === 0 && value === 0) {
      return {
        event: forward,
        op,
        fixed: "constant",
        text: `${op}() multiplies its gradient by ${formatShort(value)}`,
      };
    }
    if (tensor === 0 || (tensors.column.flags[tensor] & TensorFlag.zero) === 0) continue;
    const fixed = (history.rows.flags(tensor) & TensorFlag.requiresGrad) === 0 ? "constant" : null;
    const name = nameOf(history, tensor, "the other factor");
    return { event: forward, op, fixed, text: `${op}() multiplies its gradient by ${name}, which is 0 throughout` };
  }
  if (flat.has(op)) return { event: forward, op, fixed: "flat", text: `${op}() is flat: its slope is 0 everywhere` };
  return { event: forward, op, fixed: null, text: `the slope of ${op}() is 0 at every element` };
}
