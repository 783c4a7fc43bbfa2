import { accumulatorOf } from "../../autograd/accumulate.ts";
import { FunctionNode } from "../../autograd/function.ts";
import type { Node } from "../../autograd/node.ts";
import type { GradcheckBlame, JacobianPair } from "../../autograd/observer.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { type Conclusion, conclude } from "../causes/conclusion.ts";
import type { Tolerance } from "../comparison.ts";
import { type Checked, outputsOf } from "../jacobian.ts";
import { pseudoRandom } from "../pseudoRandom.ts";
import { type Located, placeOf } from "./backwardSites.ts";
import { findCut } from "./cuts.ts";
import { hookFault } from "./hookFaults.ts";
import { differentiableResults, localPairs, secondOrderPairs, withNoise } from "./localProblem.ts";
import { handedOn, outputGradients, runNode } from "./nodeGradient.ts";
import { type Replay, replayOf } from "./replay.ts";
import { type Tape, type TapedOp, taped } from "./tape.ts";

/** Who is to blame, and what is wrong with it where that could be told. */
export interface Blame extends GradcheckBlame {
  readonly kind: "op" | "hook" | "cut";
  /** Of the op by itself: its input numbers are arguments of the op. */
  readonly conclusion: Conclusion | null;
}

/** What a check was asked for. */
export interface Asked {
  readonly fn: Checked;
  readonly inputs: readonly Tensor[];
  readonly eps: number;
  readonly tolerance: Tolerance;
  /** 2 for gradgradcheck: the gradient of the gradient. */
  readonly order: 1 | 2;
}

/** Runs the function once more, observed, and checks every op, custom Function and hook of that run by itself. */
export function findBlame(asked: Asked): Blame | null {
  const { fn, inputs, order } = asked;
  const { tape } = taped(() => outputsOf(fn, inputs), inputs);
  if (tape === null) return null;
  const hook = order === 1 ? faultyHook(tape, inputs) : null;
  if (hook !== null) return hook;
  // A custom Function is the likelier culprit: the engine's own ops are checked elsewhere.
  const custom = tape.ops.filter(({ event }) => event.call !== undefined);
  const own = tape.ops.filter(({ event }) => event.call === undefined);
  const before = new Map(custom.map((op) => [op, fingerprint(op)]));
  for (const op of [...custom, ...own]) {
    const blame = faultOf(op, asked) ?? leftovers(op, before.get(op) ?? null);
    if (blame !== null) return blame;
  }
  const cut = order === 1 ? findCut(fn, inputs, tape) : null;
  return cut === null ? null : { ...cut, kind: "cut", conclusion: null };
}

function faultyHook(tape: Tape, inputs: readonly Tensor[]): Blame | null {
  const leaves: Node[] = inputs.filter((x) => x.requiresGrad).map((x) => x.gradFn ?? accumulatorOf(x));
  // As backward goes: a module's hooks remember at its output what they need at its input.
  const nodes = new Set([...tape.ops.flatMap(({ event }) => event.node ?? []).reverse(), ...leaves]);
  for (const node of nodes) {
    const fault = hookFault(node);
    if (fault !== null) return { op: "hook", site: fault.site, kind: "hook", conclusion: null };
  }
  return null;
}

/** What a custom backward gives for some gradient, as the run left it: before anyone calls the Function again. */
function fingerprint({ event }: TapedOp): Float64Array[] | null {
  const { node } = event;
  if (node === null) return null;
  try {
    const given = node.outputs.map((meta, i): [number, Float64Array] => [
      i,
      pseudoRandom(meta?.shape.reduce((n, size) => n * size, 1) ?? 0, 11 + i),
    ]);
    const located = runNode(node, outputGradients(node, new Map(given)));
    return node.next.map((_, i) => handedOn(node, located, i));
  } catch {
    return null;
  }
}

/** A backward that gives something else once its Function was called again reads what is not its own. */
function leftovers(op: TapedOp, before: Float64Array[] | null): Blame | null {
  const { node } = op.event;
  if (before === null || !(node instanceof FunctionNode)) return null;
  const after = fingerprint(op);
  const input = before.findIndex((values, i) => values.some((x, k) => x !== after?.[i][k]));
  if (after === null || input === -1 || !sameTwice(op)) return null;
  return {
    op: op.event.name,
    site: placeOf(node, sitesOf(node), input),
    kind: "op",
    conclusion: {
      cause: null,
      pair: wholePair(input),
      says: "changes when the Function is called again: it is computed from what another call left behind",
      advice: "Keep what backward needs with ctx.saveForBackward, not on the class or in a variable outside.",
    },
  };
}

/** Otherwise it is the backward that is not deterministic. */
function sameTwice(op: TapedOp): boolean {
  const first = fingerprint(op);
  const second = fingerprint(op);
  return first?.every((values, i) => values.every((x, k) => x === second?.[i][k])) ?? false;
}

/** Stands for an input as a whole, where no Jacobians were compared. */
const wholePair = (input: number): JacobianPair => ({
  output: 0,
  input,
  rows: 0,
  cols: 0,
  inputShape: [],
  outputShape: [],
  analytical: new Float64Array(0),
  numerical: new Float64Array(0),
  slopes: null,
});

/** What is wrong with one op by itself; null when nothing is, or when it cannot be told. */
function faultOf(op: TapedOp, asked: Asked): Blame | null {
  const { node } = op.event;
  if (node === null) return null;
  try {
    const replay = replayOf(op);
    if (replay === null || !isRepeated(op, replay)) return null;
    return asked.order === 1 ? firstOrderFault(op, node, replay, asked) : secondOrderFault(op, node, replay, asked);
  } catch {
    // An op that throws when it is run by itself can be neither blamed nor cleared.
    return null;
  }
}

/** Whether the replay gives what the op gave: one that draws random numbers, or keeps state, does not. */
function isRepeated(op: TapedOp, { fn, inputs }: Replay): boolean {
  const again = fn(...inputs);
  const list = Array.isArray(again) ? (again as readonly Tensor[]) : [again as Tensor];
  return op.results.every((values, i) => {
    const now = list[i]?.toArray();
    if (now === undefined || now.length !== values.length) return false;
    return values.every((value, k) => {
      const error = Math.abs(value - now[k]);
      return error <= 1e-4 * (1 + Math.abs(value)) || value === now[k] || (Number.isNaN(value) && Number.isNaN(now[k]));
    });
  });
}

function firstOrderFault(op: TapedOp, node: Node, replay: Replay, asked: Asked): Blame | null {
  const results = differentiableResults(op);
  const fn: Checked = (...xs) => pick(replay.fn(...xs), results);
  const problem = {
    fn,
    inputs: replay.inputs,
    pullBack: (vectors: readonly Float64Array[]): ArrayLike<number>[] => {
      const given = new Map(results.map((at, i) => [at, vectors[i]]));
      const located = runNode(node, outputGradients(node, given));
      return replay.positions.map((at) => handedOn(node, located, at));
    },
  };
  const pairs = localPairs(problem, asked.eps, asked.tolerance);
  if (pairs.length === 0) return null;
  return blameFor(op, node, replay, pairs, asked, problem.inputs, outputsOf(fn, replay.inputs), (pair, scale) => {
    const vectors = outputsOf(fn, replay.inputs).map((out) => new Float64Array(out.elements).fill(scale));
    return problem.pullBack(vectors)[pair.input];
  });
}

function secondOrderFault(op: TapedOp, node: Node, replay: Replay, asked: Asked): Blame | null {
  const results = differentiableResults(op);
  const picked: Replay = { ...replay, fn: (...xs) => pick(replay.fn(...xs), results) };
  const found = secondOrderPairs(picked, asked.eps, asked.tolerance);
  if (found === null) return null;
  // A backward that calls another custom Function: it may be that one's backward which is wrong.
  const within = node instanceof FunctionNode ? findBlame({ ...asked, ...found, order: 1 }) : null;
  if (within !== null && within.op !== nameOf(op.event.name)) return within;
  return blameFor(op, node, replay, found.pairs, asked, found.inputs, outputsOf(found.fn, found.inputs), null);
}

type PulledBack = (pair: JacobianPair, scale: number) => ArrayLike<number>;

function blameFor(
  { event, site }: TapedOp,
  node: Node,
  { positions }: Replay,
  pairs: readonly JacobianPair[],
  asked: Asked,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  pulledBack: PulledBack | null,
): Blame | null {
  const conclusion = conclude(pairs, {
    tolerance: withNoise(asked.tolerance, outputs, asked.eps),
    single: false,
    inputValues: (i) => inputs[i].toArray(),
    outputValues: (o) => outputs[o].toArray(),
    ignoresGradOutput: (output, input) => {
      const pair = pairs.find((p) => p.output === output && p.input === input);
      if (pulledBack === null || pair === undefined) return false;
      const once = pulledBack(pair, 1);
      const twice = pulledBack(pair, 2);
      return Array.from(once).some((x) => x !== 0) && Array.from(once).every((x, k) => x === twice[k]);
    },
  });
  if (conclusion === null || isDoubt(conclusion)) return null;
  // Results of a gradient stand for the inputs that get it.
  const wrongInput = asked.order === 1 ? conclusion.pair.input : conclusion.pair.output;
  const argument = positions[wrongInput] ?? positions[0];
  const located = node instanceof FunctionNode ? sitesOf(node) : null;
  const at = located === null ? site : placeOf(node, located, argument);
  const pair = { ...conclusion.pair, input: argument };
  return { op: nameOf(event.name), site: at, kind: "op", conclusion: { ...conclusion, pair } };
}

const isDoubt = ({ cause }: Conclusion): boolean => cause === "kink" || cause === "float32" || cause === "step-size";

/** Where the user's backward makes each gradient. */
function sitesOf(node: Node): Located {
  return runNode(node, outputGradients(node, new Map()));
}

const nameOf = (name: string): string => name.replace(/_$/, "");

function pick(result: Tensor | readonly Tensor[], wanted: readonly number[]): Tensor[] {
  const list = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  return wanted.map((i) => list[i]);
}

/** Custom Functions whose backward does not give the same twice, or not what it should for missing gradients. */
export function faultyFunction(asked: Asked, isFaulty: (node: FunctionNode) => boolean): GradcheckBlame | null {
  const { result, tape } = taped(() => outputsOf(asked.fn, asked.inputs), asked.inputs);
  if (tape === null || result.length === 0) return null;
  for (const { event } of tape.ops) {
    const { node } = event;
    if (!(node instanceof FunctionNode)) continue;
    if (isFaulty(node)) return { op: event.name, site: lastSite(node) };
  }
  return null;
}

function lastSite(node: FunctionNode): number {
  try {
    return placeOf(node, sitesOf(node), 0);
  } catch {
    return node.site;
  }
}
