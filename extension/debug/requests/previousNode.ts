import { toNode } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

/** Back to the last node of backward before this event. */
export const previousNode = moveHandler<unknown>((session) => toNode(session, -1));
