import { changeSetting, readSettings } from "../settings.ts";
import { defineCommand } from "./defineCommand.ts";

/** Switches the marks of leaf and non-leaf variables on or off. */
export const toggleLeafColors = defineCommand(
  "gradlens.toggleLeafColors",
  () => () => changeSetting("leafColors", !readSettings().leafColors),
);
