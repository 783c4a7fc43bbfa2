import { displayName } from "../../engine/recording/layout/text.ts";
import type { GraphModel } from "./graphModel.ts";
import { modulePath } from "./graphModel.ts";

/** Nodes whose name, op, gradient function, shape or module holds every word of the query, in the graph's order. */
export function findNodes(model: GraphModel, query: string): number[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  return model.graph.nodes
    .filter(({ id, label, op, gradFn, shape, role }) => {
      const parts = [displayName(label, 200), op ?? "", gradFn ?? "", `[${shape.join(", ")}]`, role];
      const text = `${parts.join(" ")} ${modulePath(model, id).join(".")}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map((node) => node.id);
}

/** The place of the next match after the current one, around the end; -1 when there is none. */
export function nextMatch(count: number, current: number, step: 1 | -1): number {
  if (count === 0) return -1;
  if (current < 0) return step > 0 ? 0 : count - 1;
  return (current + step + count) % count;
}
