import type { DebugProtocol } from "@vscode/debugprotocol";
import { onwards } from "../session/stops.ts";
import { moveHandler } from "./moveHandler.ts";

export const continueOn = moveHandler<DebugProtocol.ContinueArguments, DebugProtocol.ContinueResponse["body"]>(
  () => onwards(1),
  { allThreadsContinued: true },
);
