import { over } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

/** The same as `next` in the other direction, for which the protocol has no request. */
export const reverseNext = moveHandler<unknown>((session) => over(session, -1));
