import os from "node:os";
import * as vscode from "vscode";
import { describeEnding } from "../runner/outcome.ts";
import type { Services } from "../services.ts";
import { readSettings } from "../settings.ts";
import { defineCommand } from "./defineCommand.ts";

/** Copies what a bug report needs; no code and no values of the user's are in it. */
export const copyDiagnostics = defineCommand("gradlens.copyDiagnostics", (services) => async () => {
  await vscode.env.clipboard.writeText(diagnosticsOf(services));
  void vscode.window.showInformationMessage(vscode.l10n.t("Copied. Paste it into the bug report."));
});

function diagnosticsOf({ context, results }: Services): string {
  const { version } = context.extension.packageJSON as { version: string };
  const rows = [
    ["Gradlens", version],
    [
      "VS Code",
      `${vscode.version} (${vscode.env.appName}${vscode.env.remoteName ? `, ${vscode.env.remoteName}` : ""})`,
    ],
    ["Node", process.version],
    ["System", `${os.type()} ${os.release()} ${os.arch()}, ${Math.round(os.totalmem() / 2 ** 30)} GB`],
    ["Trusted", String(vscode.workspace.isTrusted)],
    ["Settings", JSON.stringify(readSettings())],
    ...results.lastRuns.map((result) => ["Run", describeRun(result)]),
  ];
  return rows.map(([what, value]) => `- ${what}: ${value}`).join("\n");
}

function describeRun({ recording, outcome, alerts }: Services["results"]["lastRuns"][number]): string {
  const { tables, meta } = recording;
  const ending = outcome?.kind === "error" ? outcome.error.name : outcome === null ? "opened" : endingWord(outcome);
  const counts = `${tables.events.rows} events, ${tables.tensors.rows} tensors, ${alerts.length} alerts`;
  return `${ending}, ${Math.round(meta.durationMs)} ms, ${counts}`;
}

/** The sentence of an ending that has no words of the user's in it, else its kind. */
function endingWord(outcome: NonNullable<Services["results"]["lastRuns"][number]["outcome"]>): string {
  return outcome.kind === "compile-error" ? outcome.kind : describeEnding(outcome);
}
