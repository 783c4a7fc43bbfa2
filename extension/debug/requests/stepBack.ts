import type { DebugProtocol } from "@vscode/debugprotocol";
import { into } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

export const stepBack = moveHandler<DebugProtocol.StepBackArguments>((session) => into(session, -1));
