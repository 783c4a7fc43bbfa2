import { defineCommand } from "./defineCommand.ts";

/** Shows what the user's program printed. */
export const showConsole = defineCommand(
  "gradlens.showConsole",
  ({ console }) =>
    () =>
      console.show(),
);
