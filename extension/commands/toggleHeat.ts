import { changeSetting, readSettings } from "../settings.ts";
import { defineCommand } from "./defineCommand.ts";

/** Switches the bars of gradient sizes on or off. */
export const toggleHeat = defineCommand("gradlens.toggleHeat", () => () => changeSetting("heat", !readSettings().heat));
