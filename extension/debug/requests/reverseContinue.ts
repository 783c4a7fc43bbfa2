import type { DebugProtocol } from "@vscode/debugprotocol";
import { onwards } from "../session/stops.ts";
import { moveHandler } from "./moveHandler.ts";

export const reverseContinue = moveHandler<DebugProtocol.ReverseContinueArguments>(() => onwards(-1));
