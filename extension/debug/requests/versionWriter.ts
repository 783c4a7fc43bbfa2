import { RequestError } from "../requestError.ts";
import { type TensorArguments, tensorArgument } from "../tensorArgument.ts";
import type { Handler } from "./handler.ts";

/** Goes to the event that wrote what a tensor holds here: the last op in place, else the op that made it. */
export const versionWriter: Handler<TensorArguments, { event: number }> = {
  answer: (adapter, args) => {
    const session = adapter.stopped;
    const { tensors, position } = session;
    const { row, name } = tensorArgument(adapter, args);
    const event = tensors.lastWrite(row, position) || tensors.madeBy(row);
    if (event === 0)
      throw new RequestError(`${name} was made by the program itself, and nothing wrote to it since.`, true);
    adapter.later(() => session.goTo(event));
    return { event };
  },
};
