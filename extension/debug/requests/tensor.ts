import type { GradientSession } from "../session/session.ts";
import { type TensorArguments, tensorArgument } from "../tensorArgument.ts";
import type { Handler } from "./handler.ts";

/** What a tensor holds where the debugger stands, and its gradient: null where that was not kept whole, or is not there. */
export interface TensorReply {
  /** Rows of the recording. */
  readonly tensor: number;
  readonly event: number;
  readonly shape: readonly number[];
  /** Float64 numbers, row-major, as base64. */
  readonly values: string | null;
  readonly gradient: string | null;
}

/** A tensor with all its elements, for a view of its own. */
export const tensor: Handler<TensorArguments, TensorReply> = {
  answer: async (adapter, args) => {
    const session = adapter.stopped;
    const { row, event } = tensorArgument(adapter, args);
    const gradient = session.tensors.gradient(row, event);
    return {
      tensor: row,
      event,
      shape: session.tensors.shape(row),
      values: await numbersOf(row, event, session),
      gradient: gradient === 0 ? null : await numbersOf(gradient, event, session),
    };
  },
};

async function numbersOf(row: number, event: number, session: GradientSession): Promise<string | null> {
  await session.keepWhole(row, event);
  const held = session.tensors.at(row, event);
  if (held === null || held.stride > 1 || !held.isCurrent) return null;
  return Buffer.from(Float64Array.from(held.values).buffer).toString("base64");
}
