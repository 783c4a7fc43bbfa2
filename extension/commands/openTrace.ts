import * as vscode from "vscode";
import { defineCommand } from "./defineCommand.ts";

/** Asks for a trace in Chrome's format, PyTorch's included, and opens it; runs nothing, so it works in Restricted Mode. */
export const openTrace = defineCommand("gradlens.openTrace", ({ profilers }) => async (clicked) => {
  const uri = clicked instanceof vscode.Uri ? clicked : await chosen();
  if (uri !== null) await profilers.openTrace(uri);
});

async function chosen(): Promise<vscode.Uri | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Open a Trace"),
      filters: { [vscode.l10n.t("Traces in Chrome's format")]: ["json"], [vscode.l10n.t("All files")]: ["*"] },
    })) ?? [];
  return uri ?? null;
}
