import * as vscode from "vscode";
import type { RunLine } from "../editor/editorFollower.ts";
import { realPathKey } from "../results/pathKey.ts";
import { defineCommand } from "./defineCommand.ts";

/** Opens the gradchecks of the run on screen: at the number or the test that was given, else at the one in the cursor's line. */
export const showGradcheck = defineCommand("gradlens.showGradcheck", ({ gradchecks, follower }) => (given) => {
  if (typeof given === "number") gradchecks.showCheck(given);
  else gradchecks.show(lineOfTest(given) ?? follower.line);
});

/** The Test Explorer gives a message with its test. */
function lineOfTest(given: unknown): RunLine | null {
  const test = typeof given === "object" && given !== null && "test" in given ? given.test : null;
  if (typeof test !== "object" || test === null || !("uri" in test && "range" in test)) return null;
  const { uri, range } = test;
  if (!(uri instanceof vscode.Uri && range instanceof vscode.Range)) return null;
  return { file: realPathKey(uri.fsPath), line: range.start.line + 1 };
}
