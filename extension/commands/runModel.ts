import { defineCommand } from "./defineCommand.ts";
import { modelToRun } from "./modelToRun.ts";

/** Runs the file that was clicked, or the one in the editor, after saving what is unsaved. */
export const runModel = defineCommand("gradlens.runModel", (services) => async (clicked) => {
  const file = await modelToRun(services, clicked);
  if (file !== null) await services.runs.run(file.fsPath);
});
