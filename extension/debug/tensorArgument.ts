import type { DebugAdapter } from "./adapter.ts";
import { RequestError } from "./requestError.ts";

/** Names a tensor: by the user's name for it, or as a row of the Variables view. */
export interface TensorArguments {
  readonly expression?: string;
  readonly variablesReference?: number;
  readonly name?: string;
}

/**
 * The tensor that a request speaks of.
 *
 * @throws RequestError when there is none.
 */
export function tensorArgument(
  adapter: DebugAdapter,
  args: TensorArguments,
): { readonly row: number; readonly event: number; readonly name: string } {
  const { expression, variablesReference = 0, name = "" } = args;
  const { names, position } = adapter.stopped;
  if (expression !== undefined) {
    const row = names.find(expression.replace(/\.grad$/, "").trim(), position);
    if (row === null) throw new RequestError(`There is no tensor called '${expression}' here.`, true);
    return { row, event: position, name: expression };
  }
  const shown = adapter.handles.get(variablesReference)?.rows.get(name);
  if (shown?.tensor === undefined) throw new RequestError(`'${name}' is no tensor.`, true);
  return { ...shown.tensor, name };
}
