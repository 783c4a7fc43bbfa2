import { defineCommand } from "./defineCommand.ts";

/** Takes hints, faults and tensors of all runs off the screen. */
export const clearResults = defineCommand(
  "gradlens.clearResults",
  ({ results }) =>
    () =>
      results.clear(),
);
