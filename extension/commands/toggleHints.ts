import { changeSetting, readSettings } from "../settings.ts";
import { defineCommand } from "./defineCommand.ts";

/** Switches the hints behind lines on or off. */
export const toggleHints = defineCommand(
  "gradlens.toggleHints",
  () => () => changeSetting("hints", !readSettings().hints),
);
