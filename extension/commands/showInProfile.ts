import { defineCommand } from "./defineCommand.ts";
import { givenPlace } from "./givenPlace.ts";

/** Opens the profile at a line: a given one, else the cursor's. */
export const showInProfile = defineCommand("gradlens.showInProfile", ({ profilers, follower }) => (given) => {
  profilers.showLine(givenPlace(given) ?? follower.line);
});
