import { accumulatorOf } from "../autograd/accumulate.ts";
import { grad } from "../autograd/backward.ts";
import { attach } from "../autograd/dispatch.ts";
import type { FunctionNode } from "../autograd/function.ts";
import { type Gradients, Node } from "../autograd/node.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { outputGradients, runNode } from "./blame/nodeGradient.ts";
import { type Checked, outputsOf } from "./jacobian.ts";

/** Hands no gradient on, as an output does that nobody used. */
class UndefinedGrad extends Node {
  run(): Gradients {
    return [null];
  }
}

/**
 * Backward must cope with outputs that no gradient reached: all of them, and each one alone. Gives what is wrong, or null.
 */
export function undefinedGradients(fn: Checked, inputs: readonly Tensor[]): string | null {
  const wanted = inputs.filter((x) => x.requiresGrad);
  const run = (cut: (index: number) => boolean): string | null => {
    const outputs = outputsOf(fn, inputs).filter((out) => out.requiresGrad);
    if (outputs.length === 0) return null;
    const checked = outputs.map((out, i) => (cut(i) ? withoutGradient(out) : out));
    return problem(checked, wanted);
  };
  const all = run(() => true);
  if (all !== null) return all;
  const count = outputsOf(fn, inputs).filter((out) => out.requiresGrad).length;
  for (let only = 0; count > 1 && only < count; only++) {
    const found = run((i) => i === only);
    if (found !== null) return found;
  }
  return null;
}

function withoutGradient(x: Tensor): Tensor {
  const out = x.detach();
  attach(new UndefinedGrad("UndefinedGrad", [x.gradFn ?? accumulatorOf(x)], [x.outputIndex]), out, 0);
  return out;
}

function problem(outputs: readonly Tensor[], inputs: readonly Tensor[]): string | null {
  let gradients: Gradients;
  try {
    const gradOutputs = outputs.map((out) => out.detach().zerosLike());
    gradients = grad(outputs, inputs, { gradOutputs, allowUnused: true });
  } catch (error) {
    return `Expected backward function to handle undefined output grads, but it threw: ${error instanceof Error ? error.message : String(error)}`;
  }
  const changed = gradients.some((g) => g?.toArray().some((value) => value !== 0) ?? false);
  return changed
    ? "Expected all input grads to be undefined or zero when all output grads are undefined or zero: the backward adds something that does not depend on them."
    : null;
}

/** Whether a custom backward by itself cannot do without one of its gradients, or adds something of its own. */
export function needsEveryGradient(node: FunctionNode): boolean {
  const cases = [-1, ...node.outputs.keys()];
  return cases.some((only) => {
    const { materializeGrads } = node.ctx;
    const given = outputGradients(node, new Map()).map((g, i) =>
      !materializeGrads && (only === -1 || i === only) ? null : g,
    );
    try {
      return runNode(node, given).gradients.some((g) => g?.toArray().some((value) => value !== 0) ?? false);
    } catch {
      return true;
    }
  });
}
