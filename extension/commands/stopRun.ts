import { defineCommand } from "./defineCommand.ts";

/** Ends the run that is going on. */
export const stopRun = defineCommand(
  "gradlens.stopRun",
  ({ runs }) =>
    () =>
      runs.stop(),
);
