import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { ProfileFormat } from "../../webview/protocol/profiler.ts";
import { askWhereToSave } from "../saveDialog.ts";

/** How a format's files end, and what the dialog calls them. */
const endings: Readonly<Record<ProfileFormat, readonly [title: string, ending: string]>> = {
  trace: [vscode.l10n.t("Traces in Chrome's format"), "trace.json"],
  speedscope: [vscode.l10n.t("Profiles for speedscope"), "speedscope.json"],
  csv: [vscode.l10n.t("Comma-separated values"), "csv"],
  report: [vscode.l10n.t("Web pages"), "html"],
};

/**
 * Asks where a profile is to be saved and puts there what `write` makes; gives the file's name, or null when the user thought better
 * of it. It is written elsewhere first: a file that exists stays as it is until the new one is whole.
 */
export async function exportProfile(
  format: ProfileFormat,
  source: string,
  write: (file: string) => Promise<void>,
): Promise<string | null> {
  const [title, ending] = endings[format];
  const target = await askWhereToSave(source, ending, { title: vscode.l10n.t("Export the Profile"), kind: title });
  if (target === undefined) return null;
  const folder = await mkdtemp(path.join(tmpdir(), "gradlens-"));
  try {
    const file = path.join(folder, "profile");
    await write(file);
    await vscode.workspace.fs.copy(vscode.Uri.file(file), target, { overwrite: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path.basename(target.path);
}
