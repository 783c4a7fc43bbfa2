import type { DebugProtocol } from "@vscode/debugprotocol";
import { handlers } from "./requests/all.ts";
import { exceptionFilters } from "./session/breakpoints.ts";

/** What a client may ask for, and the requests that answer it. */
const needs = {
  supportsConfigurationDoneRequest: ["configurationDone"],
  supportsFunctionBreakpoints: ["setFunctionBreakpoints"],
  supportsEvaluateForHovers: ["evaluate"],
  supportsStepBack: ["stepBack", "reverseContinue"],
  supportsSetVariable: ["setVariable"],
  supportsGotoTargetsRequest: ["gotoTargets", "goto"],
  supportsCompletionsRequest: ["completions"],
  supportsRestartRequest: ["restart"],
  supportsExceptionInfoRequest: ["exceptionInfo"],
  supportsLoadedSourcesRequest: ["loadedSources"],
  supportsTerminateRequest: ["terminate"],
  supportsDataBreakpoints: ["dataBreakpointInfo", "setDataBreakpoints"],
  supportsReadMemoryRequest: ["readMemory"],
  supportsBreakpointLocationsRequest: ["breakpointLocations"],
  // These have no request of their own; they are fields that a request understands.
  supportsConditionalBreakpoints: ["setBreakpoints", "evaluate"],
  supportsHitConditionalBreakpoints: ["setBreakpoints"],
  supportsLogPoints: ["setBreakpoints", "evaluate"],
  supportsExceptionFilterOptions: ["setExceptionBreakpoints"],
  supportsDelayedStackTraceLoading: ["stackTrace"],
} as const satisfies Partial<Record<keyof DebugProtocol.Capabilities, readonly string[]>>;

/** What the adapter can: a thing is announced because its requests are answered. */
export function capabilities(): DebugProtocol.Capabilities {
  const flags = Object.entries(needs).map(([name, requests]) => [
    name,
    requests.every((request) => Object.hasOwn(handlers, request)),
  ]);
  return {
    ...Object.fromEntries(flags),
    exceptionBreakpointFilters: exceptionFilters.map(
      ({ filter, label, description, isDefault, conditionDescription }) => ({
        filter,
        label,
        description,
        default: isDefault,
        supportsCondition: conditionDescription !== null,
        ...(conditionDescription === null ? {} : { conditionDescription }),
      }),
    ),
    breakpointModes: [
      { mode: "both", label: "Forward and backward", description: "", appliesTo: ["source"] },
      { mode: "forward", label: "Forward only", description: "", appliesTo: ["source"] },
      { mode: "backward", label: "Backward only", description: "", appliesTo: ["source"] },
    ],
    completionTriggerCharacters: ["."],
  };
}
