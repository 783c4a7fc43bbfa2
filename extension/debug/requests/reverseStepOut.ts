import { outOf } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

/** Back out of a module or of backward: to where it was called. */
export const reverseStepOut = moveHandler<unknown>((session) => outOf(session, -1));
