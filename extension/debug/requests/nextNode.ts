import { toNode } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

/** On to the next node of backward, wherever that is. */
export const nextNode = moveHandler<unknown>((session) => toNode(session, 1));
