import { defineCommand } from "./defineCommand.ts";

/** Opens the profile of the run on screen beside the editor. */
export const showProfile = defineCommand(
  "gradlens.showProfile",
  ({ profilers }) =>
    () =>
      profilers.show(),
);
