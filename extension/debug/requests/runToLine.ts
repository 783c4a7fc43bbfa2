import { RequestError } from "../requestError.ts";
import { toLine } from "../session/moves.ts";
import type { Handler } from "./handler.ts";

/** A line to run to, and in which direction. */
export interface RunToLineArguments {
  readonly file: string;
  /** Counted as the client counts. */
  readonly line: number;
  readonly direction?: "forward" | "backward";
}

/** Run to cursor, in either direction. */
export const runToLine: Handler<RunToLineArguments, undefined> = {
  answer: (adapter, { file, line, direction = "forward" }) => {
    const session = adapter.stopped;
    if (typeof file !== "string" || typeof line !== "number") throw new RequestError("Name a 'file' and a 'line'.");
    const ownFile = adapter.places.ownFile(file);
    const ownLine = adapter.places.ownLine(line);
    const why = session.sources.whyNot(ownFile, ownLine);
    if (why !== null) throw new RequestError(why, true);
    adapter.later(() => {
      adapter.continued();
      session.move(toLine(session, ownFile, ownLine, direction === "backward" ? -1 : 1));
    });
    return undefined;
  },
};
