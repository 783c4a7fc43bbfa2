import type { Place } from "../../engine/recording/queries/rows.ts";
import { defineCommand } from "./defineCommand.ts";
import { givenPlace } from "./givenPlace.ts";

/** Opens the graph at a line: that of a tensor or fault in the tree, else the cursor's. */
export const showInGraph = defineCommand("gradlens.showInGraph", ({ graphs, follower }) => (given) => {
  graphs.showLine(placeOfNode(given) ?? follower.line);
});

/** The tree gives its own nodes to the commands of its menus. */
function placeOfNode(node: unknown): Place | null {
  if (typeof node !== "object" || node === null) return null;
  const { tensor, alert } = node as { tensor?: { place?: unknown }; alert?: { place?: unknown } };
  return givenPlace(tensor?.place ?? alert?.place ?? node);
}
