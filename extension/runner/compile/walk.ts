import type { AnyNode } from "acorn";

/** Called when a node is entered; what it returns is called when the node is left. */
export type Visitor = (node: AnyNode, ancestors: readonly AnyNode[]) => (() => void) | undefined;

/** Visits a syntax tree in source order. `ancestors` ends with the parent and is only valid during the call. */
export function walk(root: AnyNode, visit: Visitor): void {
  const ancestors: AnyNode[] = [];
  const step = (node: AnyNode) => {
    const leave = visit(node, ancestors);
    ancestors.push(node);
    eachChild(node, step);
    ancestors.pop();
    leave?.();
  };
  step(root);
}

/** Visits the nodes directly below. The key of `{ a }` is left out: its value is the same node. */
export function eachChild(node: AnyNode, visit: (child: AnyNode) => void): void {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  const skipped = node.type === "Property" && node.shorthand ? "key" : "";
  for (const key in fields) {
    const value = fields[key];
    if (typeof value !== "object" || value === null || key === skipped) continue;
    if (!Array.isArray(value)) visitNode(value, visit);
    else for (const element of value) if (typeof element === "object" && element !== null) visitNode(element, visit);
  }
}

/** Whether a node directly below fulfils a condition. */
export function someChild(node: AnyNode, test: (child: AnyNode) => boolean): boolean {
  let found = false;
  eachChild(node, (child) => {
    found ||= test(child);
  });
  return found;
}

/** Other objects in a tree are values of literals, such as regular expressions. */
function visitNode(value: object, visit: (child: AnyNode) => void): void {
  if ("type" in value && "start" in value) visit(value as AnyNode);
}

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression", "StaticBlock"]);

/** Whether code directly in this node runs at another time or with another `this` than the code around it. */
export function isFunction(node: AnyNode): boolean {
  return functionTypes.has(node.type);
}
