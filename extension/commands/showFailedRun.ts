import { defineCommand } from "./defineCommand.ts";

/** Shows what the last run recorded until it failed, in place of the good run before it. */
export const showFailedRun = defineCommand(
  "gradlens.showFailedRun",
  ({ results }) =>
    () =>
      results.showFailure(),
);
