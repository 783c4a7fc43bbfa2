import { defineCommand } from "./defineCommand.ts";

/** Opens the graph of the run on screen beside the editor. */
export const showGraph = defineCommand(
  "gradlens.showGraph",
  ({ graphs }) =>
    () =>
      graphs.show(),
);
