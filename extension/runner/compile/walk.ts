import type { AnyNode } from "acorn";

/** Called when a node is entered; what it returns is called when the node is left. */
export type Visitor = (node: AnyNode, ancestors: readonly AnyNode[]) => (() => void) | undefined;

/** Visits a syntax tree in source order. `ancestors` ends with the parent and is only valid during the call. */
export function walk(root: AnyNode, visit: Visitor): void {
  const ancestors: AnyNode[] = [];
  const step = (node: AnyNode) => {
    const leave = visit(node, ancestors);
    ancestors.push(node);
    for (const child of children(node)) step(child);
    ancestors.pop();
    leave?.();
  };
  step(root);
}

/** The nodes directly below. The key of `{ a }` is left out: its value is the same node. */
export function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  const isShorthand = node.type === "Property" && node.shorthand;
  for (const [key, value] of Object.entries(node)) {
    if (isShorthand && key === "key") continue;
    if (isNode(value)) found.push(value);
    else if (Array.isArray(value)) found.push(...value.filter(isNode));
  }
  return found;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value
  );
}

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression", "StaticBlock"]);

/** Whether code directly in this node runs at another time or with another `this` than the code around it. */
export function isFunction(node: AnyNode): boolean {
  return functionTypes.has(node.type);
}
