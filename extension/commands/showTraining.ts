import { defineCommand } from "./defineCommand.ts";

/** Opens the curves of a training beside the editor, live while it runs. */
export const showTraining = defineCommand(
  "gradlens.showTraining",
  ({ trainings }) =>
    () =>
      trainings.show(),
);
