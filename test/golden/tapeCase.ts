import { autograd, type Tensor, tensor } from "../../engine/index.ts";
import { expectSame, expectSameGradient, Mismatch } from "./compare.ts";
import type { TapeCase } from "./format.ts";
import { makeInputs, runProgram, type Variables, variable } from "./program.ts";

/** Runs a program forward and backward and compares all that PyTorch said about it; throws at the first difference. */
export function runTapeCase(test: TapeCase): void {
  checkOutputs(test);
  if (test.grad_outputs !== undefined) checkGradients(test);
  if (test.second !== undefined) checkSecondDerivatives(test);
}

function checkOutputs(test: TapeCase): void {
  const { variables } = evaluate(test);
  for (const [name, want] of Object.entries(test.outputs)) {
    const got = variable(name, variables);
    expectSame(name, got, want, test.tol);
    const wanted = test.grad_outputs?.[name] !== undefined;
    if (got.requiresGrad !== wanted) throw new Mismatch(`${name}.requiresGrad is ${got.requiresGrad}`);
  }
}

function checkGradients(test: TapeCase): void {
  const { inputs, variables } = evaluate(test);
  const { outputs, vectors } = roots(test, variables);
  autograd.backward(outputs, vectors);
  for (const [name, want] of Object.entries(test.grads ?? {})) {
    expectSameGradient(`d/d${name}`, variable(name, inputs).grad, want, test.tol);
  }
}

function checkSecondDerivatives(test: TapeCase): void {
  const { inputs, variables } = evaluate(test);
  const leaves = [...inputs.values()].filter((input) => input.requiresGrad);
  const { outputs, vectors } = roots(test, variables);
  const first = autograd.grad(outputs, leaves, { gradOutputs: vectors, createGraph: true, allowUnused: true });
  const second = gradientOfProjection(test, inputs, leaves, first);
  for (const [name, want] of Object.entries(test.second?.grads ?? {})) {
    const got = second[leaves.indexOf(variable(name, inputs))] ?? null;
    const zero = want?.data.every((value) => value === 0) ?? true;
    if (!(zero && got === null)) expectSameGradient(`d²/d${name}`, got, want, test.tol);
  }
}

/** The gradient of S = Σ <first gradient, vector>; where S has no graph, nothing. */
function gradientOfProjection(
  test: TapeCase,
  inputs: Variables,
  leaves: readonly Tensor[],
  first: readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const gradients: Tensor[] = [];
  const vectors: Tensor[] = [];
  for (const [name, vector] of Object.entries(test.second?.vectors ?? {})) {
    const gradient = first[leaves.indexOf(variable(name, inputs))] ?? null;
    if (gradient === null || !gradient.requiresGrad) continue;
    gradients.push(gradient);
    vectors.push(shaped(vector, gradient));
  }
  return gradients.length === 0 ? [] : autograd.grad(gradients, leaves, { gradOutputs: vectors, allowUnused: true });
}

/** Inputs keep their gradients even where the program gives a result the name of an input. */
function evaluate(test: TapeCase): { inputs: Variables; variables: Variables } {
  const inputs = makeInputs(test.inputs);
  const variables = new Map(inputs);
  runProgram(test.program, variables);
  return { inputs, variables };
}

function roots(test: TapeCase, variables: Variables): { outputs: Tensor[]; vectors: Tensor[] } {
  const entries = Object.entries(test.grad_outputs ?? {});
  const outputs = entries.map(([name]) => variable(name, variables));
  return { outputs, vectors: entries.map(([, vector], i) => shaped(vector, outputs[i] as Tensor)) };
}

const shaped = (vector: readonly number[], like: Tensor): Tensor =>
  tensor(vector, { dtype: like.dtype }).reshape([...like.shape]);
