import type { DebugProtocol } from "@vscode/debugprotocol";
import { into } from "../session/moves.ts";
import { moveHandler } from "./moveHandler.ts";

export const stepIn = moveHandler<DebugProtocol.StepInArguments>((session) => into(session, 1));
