import { grad } from "../autograd/backward.ts";
import { withGrad } from "../autograd/modes.ts";
import type { Gradients, Node } from "../autograd/node.ts";
import type { GradcheckBlame } from "../autograd/observer.ts";
import { fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { type Asked, faultyFunction } from "./blame/findBlame.ts";
import { outputGradients, runNode } from "./blame/nodeGradient.ts";
import { type Tape, taped } from "./blame/tape.ts";
import { elementOffsets, outputsOf } from "./jacobian.ts";
import { pseudoRandom } from "./pseudoRandom.ts";

/** Something that makes finite differences meaningless, whatever the backward. */
export interface Unsteadiness {
  readonly diagnosis: string;
  readonly kind: "random" | "changes-inputs";
  readonly blame: GradcheckBlame | null;
}

/** Whether calls of `fn` give different results for the same inputs, or change them. The inputs are put back. */
export function unsteadiness({ fn, inputs }: Asked, tolerance: number): Unsteadiness | null {
  const before = elementsOf(inputs);
  const first = taped(() => outputsOf(fn, inputs), inputs);
  const values = first.result.map((out) => Float64Array.from(out.toArray()));
  const changed = changedInput(inputs, before);
  if (changed !== null) {
    putBack(inputs, before);
    return {
      kind: "changes-inputs",
      diagnosis: `The function changes its input ${changed} in place, so that every call sees another one and finite differences mean nothing. Work on a clone().`,
      blame: changingOp(first.tape, inputs[changed]),
    };
  }
  const second = taped(() => outputsOf(fn, inputs), inputs);
  const same =
    second.result.length === values.length &&
    second.result.every((out, i) => equal(Float64Array.from(out.toArray()), values[i], tolerance));
  if (same) return null;
  return {
    kind: "random",
    diagnosis:
      "The function is not deterministic: it gives different results for the same inputs, so finite differences mean nothing. Draw random numbers outside of it, or call manualSeed() in it.",
    blame: firstDifference(first.tape, second.tape),
  };
}

/** The numbers of every tensor, row-major. */
export function elementsOf(tensors: readonly Tensor[]): Float64Array[] {
  return tensors.map((x) => Float64Array.from(elementOffsets(x), (at) => x.storage.values[at]));
}

/** The first tensor that does not hold its old numbers any more. */
export function changedInput(tensors: readonly Tensor[], before: readonly Float64Array[]): number | null {
  const at = elementsOf(tensors).findIndex((values, i) => !equal(values, before[i], 0));
  return at === -1 ? null : at;
}

/** Gives tensors their old numbers again. */
export function putBack(tensors: readonly Tensor[], before: readonly Float64Array[]): void {
  tensors.forEach((x, i) => {
    elementOffsets(x).forEach((at, k) => {
      x.storage.values[at] = before[i][k];
    });
  });
}

function equal(a: Float64Array, b: Float64Array, tolerance: number): boolean {
  return a.length === b.length && a.every((x, i) => Object.is(x, b[i]) || Math.abs(x - b[i]) <= tolerance);
}

/** The op that wrote into the storage of an input. */
function changingOp(tape: Tape | null, input: Tensor): GradcheckBlame | null {
  const found = tape?.ops.find(
    ({ event }) =>
      event.name.endsWith("_") && event.outputs.some(({ storage }) => storage.values === input.storage.values),
  );
  return found === undefined ? null : { op: found.event.name, site: found.site };
}

/** The first op of two runs that gave something else. */
function firstDifference(a: Tape | null, b: Tape | null): GradcheckBlame | null {
  if (a === null || b === null) return null;
  const found = a.ops.find(({ event, results }, i) => {
    const other = b.ops.at(i);
    return other?.event.name !== event.name || results.some((values, k) => !equal(values, other.results[k], 0));
  });
  return found === undefined ? null : { op: found.event.name, site: found.site };
}

/** A backward that gives something else when it runs again; null when it does not. */
export function nondeterminism(
  asked: Asked,
  outputs: readonly Tensor[],
  tolerance: number,
): { readonly diagnosis: string; readonly blame: GradcheckBlame | null } | null {
  const wanted = asked.inputs.filter((x) => x.requiresGrad);
  for (const output of outputs) {
    if (!output.requiresGrad) continue;
    const gradOutputs = fromBuffer(pseudoRandom(output.elements, 7), output.shape, "float64").to(output.dtype);
    const run = (): Gradients => grad(output, wanted, { gradOutputs, retainGraph: true, allowUnused: true });
    if (!differ(run(), run(), tolerance)) continue;
    return {
      diagnosis: `Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient. The tolerance for nondeterminism was ${tolerance}.`,
      blame: faultyFunction(asked, (node) => isShaky(node, tolerance)),
    };
  }
  return null;
}

function isShaky(node: Node, tolerance: number): boolean {
  const given = node.outputs.map((meta, i): [number, Float64Array] => [
    i,
    pseudoRandom(meta?.shape.reduce((n, size) => n * size, 1) ?? 0, 7),
  ]);
  const run = (): Gradients => withGrad(false, () => runNode(node, outputGradients(node, new Map(given))).gradients);
  return differ(run(), run(), tolerance);
}

function differ(first: Gradients, second: Gradients, tolerance: number): boolean {
  return first.some((a, i) => {
    const b = second[i] ?? null;
    if (a === null || a === undefined || b === null) return (a ?? null) !== b;
    const values = b.toArray();
    return Array.from(a.toArray()).some((value, k) => Math.abs(value - values[k]) > tolerance);
  });
}
