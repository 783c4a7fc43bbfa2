import { RequestError } from "../requestError.ts";
import { type TensorArguments, tensorArgument } from "../tensorArgument.ts";
import type { Handler } from "./handler.ts";

/** Goes to the event that gave a tensor the gradient that it has here. */
export const gradientWriter: Handler<TensorArguments, { event: number }> = {
  answer: (adapter, args) => {
    const session = adapter.stopped;
    const { timeline, tensors, position } = session;
    const { row, name } = tensorArgument(adapter, args);
    const owned = tensors.gradient(row, position);
    // A gradient on its way is a tensor itself, and knows what made it.
    const event = owned === 0 ? tensors.madeBy(row) : lastAccumulation(tensors.accumulations(row), position);
    const isThere = event !== 0 && event <= timeline.last;
    if (!isThere) throw new RequestError(`${name} has no gradient here, so nothing wrote it.`, true);
    adapter.later(() => session.goTo(event));
    return { event };
  },
};

function lastAccumulation(all: readonly { readonly event: number; readonly gradient: number }[], upTo: number): number {
  return all.findLast(({ event, gradient }) => event <= upTo && gradient !== 0)?.event ?? 0;
}
