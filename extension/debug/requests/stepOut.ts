import type { DebugProtocol } from "@vscode/debugprotocol";
import { outOf } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

export const stepOut = moveHandler<DebugProtocol.StepOutArguments>((session) => outOf(session, 1));
