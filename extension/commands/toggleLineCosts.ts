import { defineCommand } from "./defineCommand.ts";

/** Switches what each line cost on or off. */
export const toggleLineCosts = defineCommand(
  "gradlens.toggleLineCosts",
  ({ lineCosts }) =>
    () =>
      lineCosts.toggle(),
);
