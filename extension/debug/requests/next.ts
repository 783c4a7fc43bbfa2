import type { DebugProtocol } from "@vscode/debugprotocol";
import { over } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

export const next = moveHandler<DebugProtocol.NextArguments>((session) => over(session, 1));
