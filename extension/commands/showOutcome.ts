import { problemsOf } from "../editor/problems.ts";
import { defineCommand } from "./defineCommand.ts";

/** Where a click on the status bar leads: to the first fault of the last run, else to its tensors. */
export const showOutcome = defineCommand("gradlens.showOutcome", ({ results, follower, tensors }) => async () => {
  const result = results.hiddenFailure ?? results.current;
  const problem = result && problemsOf(result).find(({ severity }) => severity !== "info");
  if (!problem || !(await follower.reveal(problem.place, result))) await tensors.focus();
});
