import path from "node:path";
import * as vscode from "vscode";
import { decodeRecording, mostFileBytes, RecordingFileError } from "../../engine/recording/file.ts";
import { withoutLinks } from "../plainText.ts";
import { RunResult } from "./runResult.ts";

/** Reads a saved recording. Throws with a sentence for people. */
export async function readRecording(uri: vscode.Uri): Promise<RunResult> {
  const name = withoutLinks(path.basename(uri.path));
  let bytes: Uint8Array;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostFileBytes)
      throw new RecordingFileError(vscode.l10n.t("{0} is too large to be opened: it has more than 1 GB.", name));
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    if (error instanceof RecordingFileError) throw error;
    const isGone = error instanceof vscode.FileSystemError && error.code === "FileNotFound";
    throw new RecordingFileError(
      isGone ? vscode.l10n.t("{0} is not there.", name) : vscode.l10n.t("{0} could not be read.", name),
    );
  }
  return new RunResult(decodeRecording(bytes), null);
}
