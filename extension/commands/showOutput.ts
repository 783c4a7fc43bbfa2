import { defineCommand } from "./defineCommand.ts";

/** Shows the extension's own log. */
export const showOutput = defineCommand(
  "gradlens.showOutput",
  ({ log }) =>
    () =>
      log.show(),
);
