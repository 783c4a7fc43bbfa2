import type { AnyNode } from "acorn";
import type { ImportPlace } from "../protocol.ts";
import type { OriginalPositions } from "./originalPositions.ts";
import { isFunction } from "./walk.ts";

/** Where a file names another one, as seen when a node is entered. */
export function importAt(
  node: AnyNode,
  ancestors: readonly AnyNode[],
  positions: OriginalPositions,
): ImportPlace | undefined {
  const found = specifierOf(node);
  if (found === undefined || found.source.type !== "Literal" || typeof found.source.value !== "string")
    return undefined;
  const place = positions.at(found.source.start) ?? { line: 1, column: 1 };
  return { specifier: found.source.value, ...place, dynamic: found.dynamic || ancestors.some(isFunction) };
}

function specifierOf(node: AnyNode): { source: AnyNode; dynamic: boolean } | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return { source: node.source, dynamic: false };
    case "ExportNamedDeclaration":
      return node.source ? { source: node.source, dynamic: false } : undefined;
    case "ImportExpression":
      return { source: node.source, dynamic: true };
    case "CallExpression": {
      const [source] = node.arguments;
      const isRequire = node.callee.type === "Identifier" && node.callee.name === "require";
      return isRequire && source ? { source, dynamic: false } : undefined;
    }
    default:
      return undefined;
  }
}
