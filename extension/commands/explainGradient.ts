import * as vscode from "vscode";
import { displayName } from "../../engine/recording/layout/text.ts";
import { historyOf } from "../../engine/recording/queries/alerts/history.ts";
import { explanationInParts } from "../../engine/recording/queries/explainGradient.ts";
import { explanationPage } from "../inspections/explanationPage.ts";
import { withoutLinks } from "../plainText.ts";
import { inTurns } from "../results/inTurns.ts";
import { tensorAtCursor } from "./atCursor.ts";
import { defineCommand } from "./defineCommand.ts";

/** Writes out the chain rule of the gradient at the cursor, with numbers, in an editor beside. */
export const explainGradient = defineCommand("gradlens.explainGradient", (services) => async () => {
  const named = tensorAtCursor(services);
  const [tensor] = named?.tensors ?? [];
  if (named === null || tensor === undefined) return;
  const { recording } = named.result;
  const explanation = await inTurns(explanationInParts(recording, tensor.id));
  const name = displayName(tensor.module ?? tensor.name ?? "tensor", 60);
  if (explanation === null) {
    const reason = tensor.gradReason?.text ?? vscode.l10n.t("no backward reached it");
    void vscode.window.showInformationMessage(withoutLinks(vscode.l10n.t("{0} has no gradient: {1}", name, reason)));
    return;
  }
  const root = displayName(historyOf(recording).rows.label(explanation.root) ?? "L", 40);
  await services.pages.show(`Gradient of ${name}`, explanationPage(tensor, root, explanation));
});
