import { RequestError } from "../requestError.ts";
import { tensorText } from "../session/shownTensor.ts";
import type { Handler } from "./handler.ts";

/** What stands behind the lines of a file. */
export interface InlineValue {
  /** Counted as the client counts. */
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly text: string;
}

/** The tensors that have a name in a file, with what they hold here and their gradients. */
export const inlineValues: Handler<{ readonly file: string }, { values: readonly InlineValue[] }> = {
  answer: (adapter, { file }) => {
    if (typeof file !== "string") throw new RequestError("Name a 'file'.");
    const session = adapter.stopped;
    const { places } = adapter;
    const { names, tensors, position } = session;
    const own = places.ownFile(file);
    const here = names.at(position).filter(({ place }) => place.file === own);
    return {
      values: here.map(({ name, tensor, place }) => {
        const gradient = tensors.gradient(tensor, position);
        const grad = gradient === 0 ? "" : `, grad ${tensorText(gradient, position, session)}`;
        const text = `${tensorText(tensor, position, session)}${grad}`;
        return { line: places.line(place.line), column: places.column(place.column), name, text };
      }),
    };
  },
};
