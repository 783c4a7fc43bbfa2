import * as vscode from "vscode";
import type { Services } from "../services.ts";
import { DiagnosticPublisher } from "./diagnosticPublisher.ts";
import { FaultActions } from "./faultActions.ts";
import { ForgetDeleted } from "./forgetDeleted.ts";
import { HeatBars } from "./heatBars.ts";
import { Hovers } from "./hovers.ts";
import { InlayHints } from "./inlayHints.ts";
import { RunLens } from "./runLens.ts";
import { RunOnSave } from "./runOnSave.ts";
import { TypesQuickFix } from "./typesQuickFix.ts";

/** Everything that shows in the user's own files. */
export function registerEditorFeatures(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    new RunLens(services.runs),
    new InlayHints(services.results),
    new Hovers(services.results),
    new DiagnosticPublisher(services.results),
    new HeatBars(services.results, services.context.extensionUri),
    new RunOnSave(services),
    new FaultActions(),
    new ForgetDeleted(services.results),
    new TypesQuickFix(),
  );
}
