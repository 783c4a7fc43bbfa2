import { realPathKey } from "../results/pathKey.ts";
import { defineCommand } from "./defineCommand.ts";

/** Selects a tensor in the tensors view: the one given by its number, else one that the cursor's line names. */
export const revealTensor = defineCommand(
  "gradlens.revealTensor",
  ({ results, follower, tensors }) =>
    async (given) => {
      if (typeof given === "number") return tensors.reveal(given);
      const { line } = follower;
      const here = line && results.current?.linesOf(realPathKey(line.file)).find((one) => one.line === line.line);
      const [first] = here?.tensors ?? [];
      return first === undefined ? tensors.focus() : tensors.reveal(first.id);
    },
);
