import type { Tensor } from "../autograd/tensor.ts";
import * as F from "./functional.ts";

/** The weights of one layer in one direction. */
export interface StepWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** Of an LSTM whose output is projected to a smaller size. */
  readonly weightHr: Tensor | null;
}

/** What a cell hands on: one tensor, or hidden and cell state. */
export type State = readonly [hidden: Tensor, cell?: Tensor];

/**
 * One time step: `gates` is what the input contributes (W x + b of all gates, one after the other), `state` comes from
 * the step before.
 */
export type Step = (gates: Tensor, state: State, weights: StepWeights) => State;

const fromHidden = (hidden: Tensor, { weightHh, biasHh }: StepWeights): Tensor => F.linear(hidden, weightHh, biasHh);

/** h′ = tanh(gates + W h) */
export const tanhStep: Step = (gates, [hidden], weights) => [gates.add(fromHidden(hidden, weights)).tanh()];

/** h′ = relu(gates + W h) */
export const reluStep: Step = (gates, [hidden], weights) => [F.relu(gates.add(fromHidden(hidden, weights)))];

/** c′ = f c + i g and h′ = o tanh(c′), the gates being i, f, g, o. */
export const lstmStep: Step = (gates, [hidden, cell], weights) => {
  const [i, f, g, o] = gates.add(fromHidden(hidden, weights)).chunk(4, -1);
  const kept = f.sigmoid().mul(cell as Tensor);
  const next = kept.add(i.sigmoid().mul(g.tanh()));
  const output = o.sigmoid().mul(next.tanh());
  return [weights.weightHr === null ? output : F.linear(output, weights.weightHr), next];
};

/** h′ = (1 − z) n + z h with n = tanh(… + r (W h)), the gates being r, z, n. */
export const gruStep: Step = (gates, [hidden], weights) => {
  const [ri, zi, ni] = gates.chunk(3, -1);
  const [rh, zh, nh] = fromHidden(hidden, weights).chunk(3, -1);
  const r = ri.add(rh).sigmoid();
  const z = zi.add(zh).sigmoid();
  const n = ni.add(r.mul(nh)).tanh();
  return [n.add(z.mul(hidden.sub(n)))];
};
