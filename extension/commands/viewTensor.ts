import * as vscode from "vscode";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { gradientText, roleOf } from "../../engine/recording/queries/tensorWords.ts";
import { currentLines } from "../editor/currentLines.ts";
import { nameAt, tensorNamed } from "../editor/tensorAt.ts";
import { withoutIcons } from "../plainText.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { isVariable, tensorOfRow } from "./clickedVariable.ts";
import { defineCommand } from "./defineCommand.ts";

/**
 * Opens the tensor viewer: with a tensor of the tree or a number of one, with a row of the debugger's variables, else the
 * tensor at the cursor, else one that is chosen from a list.
 */
export const viewTensor = defineCommand(
  "gradlens.viewTensor",
  ({ results, tensorViewer, debugging }) =>
    async (given) => {
      if (isVariable(given)) {
        await debugging.viewTensor(tensorOfRow(given), given.variable);
        return;
      }
      const { current } = results;
      const meant = current?.tensor(idOf(given) ?? -1) ?? (given === "choose" ? null : atCursor(results));
      const tensor = meant ?? (await chooseTensor(current?.tensors ?? []));
      if (tensor !== null) tensorViewer.showTensor(tensor);
    },
);

/** The tree gives its own nodes to the commands of its menus; a webview and a hover give numbers. */
function idOf(given: unknown): number | null {
  if (typeof given === "number") return given;
  const { tensor } = (given ?? {}) as { tensor?: { id?: unknown } };
  return typeof tensor?.id === "number" ? tensor.id : null;
}

function atCursor(results: Results): TensorInfo | null {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || results.current === null) return null;
  const { document, selection } = editor;
  const { active } = selection;
  const key = realPathKey(document.uri.fsPath);
  const inFile = results.current.tensors.filter(({ place }) => place !== null && pathKey(place.file) === key);
  const asRun = currentLines(results.current, document)?.asRun(active.line) ?? active.line;
  const name = nameAt(document.lineAt(active.line).text, active.character);
  const named = name === null ? null : tensorNamed(inFile, name, asRun + 1);
  return named ?? inFile.find(({ place }) => place?.line === asRun + 1) ?? null;
}

async function chooseTensor(tensors: readonly TensorInfo[]): Promise<TensorInfo | null> {
  if (tensors.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Run a model first: there is no tensor to view yet."));
    return null;
  }
  const items = tensors.map((tensor) => ({
    tensor,
    label: withoutIcons(displayName(tensor.module ?? tensor.name ?? vscode.l10n.t("unnamed"), 80)),
    description: [roleOf(tensor), shapeText(tensor.shape), gradientText(tensor)].filter(Boolean).join(" "),
    detail: "",
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t("Which tensor?"),
    matchOnDescription: true,
  });
  return chosen?.tensor ?? null;
}
