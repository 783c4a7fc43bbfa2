import { breakpointLocations } from "./breakpointLocations.ts";
import { completions } from "./completions.ts";
import { configurationDone } from "./configurationDone.ts";
import { continueOn } from "./continue.ts";
import { dataBreakpointInfo } from "./dataBreakpointInfo.ts";
import { disconnect } from "./disconnect.ts";
import { evaluate } from "./evaluate.ts";
import { exceptionInfo } from "./exceptionInfo.ts";
import { goTo } from "./goto.ts";
import { gotoTargets } from "./gotoTargets.ts";
import { gradientWriter } from "./gradientWriter.ts";
import type { Handler } from "./handler.ts";
import { handOver } from "./handOver.ts";
import { initialize } from "./initialize.ts";
import { inlineValues } from "./inlineValues.ts";
import { launch } from "./launch.ts";
import { loadedSources } from "./loadedSources.ts";
import { next } from "./next.ts";
import { nextNode } from "./nextNode.ts";
import { pause } from "./pause.ts";
import { previousNode } from "./previousNode.ts";
import { readMemory } from "./readMemory.ts";
import { restart } from "./restart.ts";
import { reverseContinue } from "./reverseContinue.ts";
import { reverseNext } from "./reverseNext.ts";
import { reverseStepOut } from "./reverseStepOut.ts";
import { runToLine } from "./runToLine.ts";
import { scopes } from "./scopes.ts";
import { setBreakpoints } from "./setBreakpoints.ts";
import { setDataBreakpoints } from "./setDataBreakpoints.ts";
import { setExceptionBreakpoints } from "./setExceptionBreakpoints.ts";
import { setFunctionBreakpoints } from "./setFunctionBreakpoints.ts";
import { setVariable } from "./setVariable.ts";
import { stackTrace } from "./stackTrace.ts";
import { stepBack } from "./stepBack.ts";
import { stepIn } from "./stepIn.ts";
import { stepOut } from "./stepOut.ts";
import { tensor } from "./tensor.ts";
import { terminate } from "./terminate.ts";
import { threads } from "./threads.ts";
import { timelinePosition } from "./timelinePosition.ts";
import { variables } from "./variables.ts";
import { versionWriter } from "./versionWriter.ts";

/** Every request that is answered with more than a refusal. What the adapter says it can is read off this table. */
export const handlers: Readonly<Record<string, Handler>> = {
  breakpointLocations,
  completions,
  configurationDone,
  continue: continueOn,
  dataBreakpointInfo,
  disconnect,
  evaluate,
  exceptionInfo,
  goto: goTo,
  gotoTargets,
  initialize,
  launch,
  loadedSources,
  next,
  pause,
  readMemory,
  restart,
  reverseContinue,
  scopes,
  setBreakpoints,
  setDataBreakpoints,
  setExceptionBreakpoints,
  setFunctionBreakpoints,
  setVariable,
  stackTrace,
  stepBack,
  stepIn,
  stepOut,
  terminate,
  threads,
  variables,
  "gradlens/gradientWriter": gradientWriter,
  "gradlens/handOver": handOver,
  "gradlens/inlineValues": inlineValues,
  "gradlens/nextNode": nextNode,
  "gradlens/position": timelinePosition,
  "gradlens/previousNode": previousNode,
  "gradlens/reverseNext": reverseNext,
  "gradlens/reverseStepOut": reverseStepOut,
  "gradlens/runToLine": runToLine,
  "gradlens/tensor": tensor,
  "gradlens/versionWriter": versionWriter,
};
