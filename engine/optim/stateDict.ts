import { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { ParamGroup } from "./paramGroups.ts";

/** What an optimizer remembers of one parameter. */
export type OptimizerState = { [name: string]: StateValue };

type StateValue = number | boolean | null | Tensor | readonly StateValue[];

/** An optimizer's memory and options; parameters are numbers, in the order of the groups. */
export interface OptimizerStateDict {
  /** What is remembered of each parameter. */
  state: { [param: number]: OptimizerState };
  /** The options of each group, with the numbers of its parameters. */
  paramGroups: readonly ({ readonly params: readonly number[] } & { readonly [option: string]: unknown })[];
}

export function packState(
  groups: readonly ParamGroup<object>[],
  state: ReadonlyMap<Tensor, OptimizerState>,
): OptimizerStateDict {
  const numbers = new Map<Tensor, number>();
  for (const { params } of groups) for (const p of params) if (!numbers.has(p)) numbers.set(p, numbers.size);
  const packed: { [param: number]: OptimizerState } = {};
  for (const [p, values] of state) packed[numbers.get(p) ?? -1] = values;
  return {
    state: packed,
    paramGroups: groups.map((group) => ({ ...group, params: group.params.map((p) => numbers.get(p) ?? -1) })),
  };
}

/** Checks first, then overwrites options and memory. */
export function unpackState(
  op: string,
  dict: OptimizerStateDict,
  groups: ParamGroup<object>[],
  state: Map<Tensor, OptimizerState>,
): void {
  if (dict.paramGroups.length !== groups.length) {
    throw new ArgumentError(
      op,
      `loaded state dict has a different number of parameter groups (${dict.paramGroups.length}, not ${groups.length})`,
    );
  }
  groups.forEach(({ params }, i) => {
    const saved = dict.paramGroups[i].params.length;
    if (saved !== params.length) {
      throw new ArgumentError(
        op,
        `loaded state dict contains a parameter group that doesn't match the size of optimizer's group (${saved} parameters, not ${params.length})`,
      );
    }
  });
  state.clear();
  groups.forEach((group, i) => {
    const { params: numbers, ...options } = dict.paramGroups[i];
    Object.assign(group, options);
    numbers.forEach((number, k) => {
      const values = dict.state[number];
      if (values !== undefined) state.set(group.params[k], copyState(values, group.params[k]));
    });
  });
}

function copyState(values: OptimizerState, p: Tensor): OptimizerState {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copyValue(value, p)]));
}

function copyValue(value: StateValue, p: Tensor): StateValue {
  if (value instanceof Tensor)
    return value
      .detach()
      .clone()
      .to(isFloat(value.dtype) ? p.dtype : value.dtype);
  return Array.isArray(value) ? value.map((item: StateValue) => copyValue(item, p)) : value;
}
