import { defineCommand } from "./defineCommand.ts";

/** Opens the overview of the run on screen beside the editor. */
export const showOverview = defineCommand("gradlens.showOverview", ({ overview }) => () => {
  overview.show();
});
