import * as vscode from "vscode";
import type { Services } from "../services.ts";
import { AlertActions } from "./alertActions.ts";
import { DiagnosticPublisher } from "./diagnosticPublisher.ts";
import { FileFollower } from "./fileFollower.ts";
import { HeatBars } from "./heatBars.ts";
import { Hovers } from "./hovers.ts";
import { InlayHints } from "./inlayHints.ts";
import { LeafMarks } from "./leafMarks.ts";
import { RunLens } from "./runLens.ts";
import { RunOnSave } from "./runOnSave.ts";
import { TypesQuickFix } from "./typesQuickFix.ts";

/** Everything that shows in the user's own files. */
export function registerEditorFeatures(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    new RunLens(services.runs),
    new InlayHints(services.results),
    new LeafMarks(services.results),
    new Hovers(services.results),
    new DiagnosticPublisher(services.results),
    new HeatBars(services.results, services.context.extensionUri),
    new RunOnSave(services),
    new AlertActions(services.results),
    new FileFollower(services),
    new TypesQuickFix(),
  );
}
