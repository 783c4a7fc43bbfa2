import * as vscode from "vscode";
import { withoutLinks } from "../plainText.ts";
import type { Services } from "../services.ts";
import { clearResults } from "./clearResults.ts";
import { compareWithPrevious } from "./compareWithPrevious.ts";
import { copyDiagnostics } from "./copyDiagnostics.ts";
import { debugBreakOnTensor } from "./debugBreakOnTensor.ts";
import { debugModel } from "./debugModel.ts";
import {
  debugBackToCursor,
  debugGradientWriter,
  debugNextNode,
  debugPreviousNode,
  debugReverseOut,
  debugReverseOver,
  debugVersionWriter,
} from "./debugMoves.ts";
import type { Command } from "./defineCommand.ts";
import { explainGradient } from "./explainGradient.ts";
import { findTensorUses } from "./findTensorUses.ts";
import { goToPlace } from "./goToPlace.ts";
import { newModel } from "./newModel.ts";
import { openRecording } from "./openRecording.ts";
import { openTrace } from "./openTrace.ts";
import { profileModel } from "./profileModel.ts";
import { revealTensor } from "./revealTensor.ts";
import { runAgain } from "./runAgain.ts";
import { runModel } from "./runModel.ts";
import { saveRecording } from "./saveRecording.ts";
import { setUpTypes } from "./setUpTypes.ts";
import { showConsole } from "./showConsole.ts";
import { showFailedRun } from "./showFailedRun.ts";
import { showGradcheck } from "./showGradcheck.ts";
import { showGradient } from "./showGradient.ts";
import { showGraph } from "./showGraph.ts";
import { showInGraph } from "./showInGraph.ts";
import { showInProfile } from "./showInProfile.ts";
import { showOutcome } from "./showOutcome.ts";
import { showOutput } from "./showOutput.ts";
import { showOverview } from "./showOverview.ts";
import { showProfile } from "./showProfile.ts";
import { showTraining } from "./showTraining.ts";
import { stopRun } from "./stopRun.ts";
import { toggleHeat } from "./toggleHeat.ts";
import { toggleHints } from "./toggleHints.ts";
import { toggleLeafColors } from "./toggleLeafColors.ts";
import { toggleLineCosts } from "./toggleLineCosts.ts";
import { toggleStopAtNan } from "./toggleStopAtNan.ts";
import { viewTensor } from "./viewTensor.ts";

const commands: readonly Command[] = [
  clearResults,
  copyDiagnostics,
  debugBackToCursor,
  debugBreakOnTensor,
  debugGradientWriter,
  debugModel,
  debugNextNode,
  debugPreviousNode,
  debugReverseOut,
  debugReverseOver,
  debugVersionWriter,
  compareWithPrevious,
  explainGradient,
  findTensorUses,
  showGradient,
  toggleLeafColors,
  toggleStopAtNan,
  goToPlace,
  newModel,
  openRecording,
  openTrace,
  profileModel,
  revealTensor,
  runAgain,
  runModel,
  saveRecording,
  setUpTypes,
  showConsole,
  showFailedRun,
  showGradcheck,
  showGraph,
  showInGraph,
  showInProfile,
  showOutcome,
  showOutput,
  showOverview,
  showProfile,
  showTraining,
  stopRun,
  toggleHeat,
  toggleHints,
  toggleLineCosts,
  viewTensor,
];

/** Registers every command. What one throws is logged and told. */
export function registerCommands(services: Services): vscode.Disposable {
  return vscode.Disposable.from(...commands.map((command) => register(command, services)));
}

function register({ id, create }: Command, services: Services): vscode.Disposable {
  const handler = create(services);
  return vscode.commands.registerCommand(id, async (...given: unknown[]) => {
    try {
      return await handler(...given);
    } catch (error) {
      services.log.error(`${id} failed.`, error instanceof Error ? (error.stack ?? error.message) : String(error));
      const text = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(vscode.l10n.t("Gradlens: {0}", withoutLinks(text)));
      return undefined;
    }
  });
}
