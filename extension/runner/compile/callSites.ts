import type { AnyNode, CallExpression, Expression, NewExpression } from "acorn";
import { hookNames, idText } from "../siteHooks.ts";
import type { Edits } from "./edits.ts";
import { isFunction, someChild } from "./walk.ts";

/** Gives a number to a place in the user's code; null when the transpiler made that place up. */
export type NewSite = (at: { readonly start: number; readonly end: number; readonly callee: AnyNode }) => number | null;

/** Sees to it that the number of a call is stored after its arguments have been evaluated and right before it runs. */
export function markCallSites(node: AnyNode, ancestors: readonly AnyNode[], edits: Edits, newSite: NewSite): void {
  switch (node.type) {
    case "CallExpression":
      if (isCallToMark(node)) markCall(node, ancestors, edits, newSite);
      return;
    case "NewExpression":
      markCall(node, ancestors, edits, newSite);
      return;
    case "MemberExpression":
      if (
        isGetterOp(node.property) &&
        !node.computed &&
        !isIndexed(node, ancestors) &&
        node.object.type !== "Super" &&
        !hasOptionalLink(node.object) &&
        !isNamedByNew(node, ancestors)
      ) {
        markValue(node.object, node.property, edits, newSite);
      }
      return;
    case "ForOfStatement":
      markValue(node.right, node.right, edits, newSite);
      return;
    case "AwaitExpression":
      mark(node.argument, node, edits, newSite);
      return;
    case "ThrowStatement":
      markValue(node.argument, node, edits, newSite);
      return;
    case "SpreadElement":
      if (ancestors.at(-1)?.type === "ArrayExpression") markValue(node.argument, node.argument, edits, newSite);
      return;
    case "VariableDeclarator":
      if (node.id.type === "ArrayPattern" && node.init) markValue(node.init, node.init, edits, newSite);
      return;
    default:
  }
}

/** Calls that never are ops and would only cost time, or that must stay as they are written. */
const plainObjects = new Set([
  "Math",
  "Number",
  "JSON",
  "Object",
  "Reflect",
  "Atomics",
  "Date",
  "performance",
  "String",
]);
const plainFunctions = new Set([
  "require",
  "eval",
  "Number",
  "String",
  "Boolean",
  "BigInt",
  "Symbol",
  "parseInt",
  "parseFloat",
  "isNaN",
]);

function isCallToMark(node: CallExpression): boolean {
  const { callee } = node;
  if (callee.type === "Identifier" && plainFunctions.has(callee.name)) return false;
  if (isFunction(callee) && node.arguments.length === 0) return false;
  if (callee.type === "MemberExpression" && callee.object.type === "Identifier") {
    if (plainObjects.has(callee.object.name) || callee.object.name === "require") return false;
  }
  // Node finds out what a CommonJS file exports by reading such calls as text.
  return !node.arguments.some(isModuleExports);
}

function isModuleExports(node: AnyNode): boolean {
  if (node.type === "Identifier") return node.name === "exports";
  return node.type === "MemberExpression" && node.object.type === "Identifier" && node.object.name === "module";
}

/** Ops that are written as properties, and what leaves the graph like one. */
function isGetterOp(property: AnyNode): boolean {
  return property.type === "Identifier" && ["T", "mT", "H", "data"].includes(property.name);
}

/** `table.data[i]` is read in loops, and no tensor has an index. */
function isIndexed(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  const parent = ancestors.at(-1);
  return parent?.type === "MemberExpression" && parent.computed && parent.object === node;
}

function markCall(
  node: CallExpression | NewExpression,
  ancestors: readonly AnyNode[],
  edits: Edits,
  newSite: NewSite,
): void {
  const place = calleePlace(node.callee);
  const id = newSite({ start: place.start, end: node.end, callee: node.callee });
  if (id === null) return;
  const hook = `${hookNames.site}(${idText(id)}`;
  const last = node.arguments.at(-1);

  if (last) {
    const value = last.type === "SpreadElement" ? last.argument : last;
    edits.wrapCall(value, `${hook}, `);
  } else if (isEvaluatedSilently(node.callee) && isWholeChain(node, ancestors)) {
    edits.wrap(node, `(${hook}), `, ")");
  } else if (node.type === "CallExpression" && isMemberToWrap(node.callee)) {
    edits.wrapCall(node.callee.object, `${hook}, `);
  } else if (node.type === "CallExpression" && node.callee.type !== "Super" && !isPartOfChain(node.callee)) {
    edits.wrapCall(node.callee, `${hook}, `);
  } else {
    edits.insert(node.end - 1, `...${hookNames.empty}(${idText(id)})`);
  }
}

/** Where a call is, in a long chain: at the name of what is called. */
function calleePlace(callee: AnyNode): AnyNode {
  if (callee.type === "ChainExpression") return calleePlace(callee.expression);
  if (callee.type === "SequenceExpression") return calleePlace(callee.expressions.at(-1) ?? callee);
  return callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
}

/** Whether nothing runs while this is evaluated, so that the number may be stored before it. */
function isEvaluatedSilently(node: AnyNode): boolean {
  switch (node.type) {
    case "Identifier":
    case "ThisExpression":
    case "Super":
    case "Literal":
      return true;
    case "SequenceExpression":
      // How TypeScript calls an imported function in CommonJS: `(0, ops.exp)()`.
      return node.expressions.every(isEvaluatedSilently);
    case "MemberExpression":
      return !node.computed && !isGetterOp(node.property) && isEvaluatedSilently(node.object);
    default:
      return false;
  }
}

/** A part of `a?.b().c()` cannot get parentheses: the question mark would no longer skip the rest. */
function isWholeChain(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  return !hasOptionalLink(node) || ancestors.at(-1)?.type === "ChainExpression";
}

/** Whether this is a part of what `new` makes an instance of: in `new f(x).T()` the call would be taken for the class. */
function isNamedByNew(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  let part = node;
  for (const parent of ancestors.toReversed()) {
    if (parent.type === "NewExpression") return parent.callee === part;
    if (parent.type !== "MemberExpression" || parent.object !== part) return false;
    part = parent;
  }
  return false;
}

type Member = Extract<AnyNode, { type: "MemberExpression" }>;

function isMemberToWrap(callee: AnyNode): callee is Member & { object: Expression } {
  return callee.type === "MemberExpression" && callee.object.type !== "Super" && !hasOptionalLink(callee.object);
}

function isPartOfChain(callee: AnyNode): boolean {
  return callee.type === "MemberExpression" || callee.type === "ChainExpression" || hasOptionalLink(callee);
}

/** Whether evaluating this part of a chain may skip what follows it. */
function hasOptionalLink(node: AnyNode): boolean {
  if (node.type === "MemberExpression") return node.optional || hasOptionalLink(node.object);
  if (node.type === "CallExpression") return node.optional || hasOptionalLink(node.callee);
  return false;
}

/** Marks a value whose use a moment later may run an op or fail, unless making it was marked as a call. */
function markValue(value: AnyNode, at: AnyNode, edits: Edits, newSite: NewSite): void {
  const isMarked = value.type === "NewExpression" || (value.type === "CallExpression" && isCallToMark(value));
  if (!isMarked && value.type !== "ArrayExpression") mark(value, at, edits, newSite);
}

function mark(value: AnyNode, at: AnyNode, edits: Edits, newSite: NewSite): void {
  const id = newSite({ start: at.start, end: at.end, callee: value });
  if (id !== null) edits.wrapCall(value, `${hookNames.site}(${idText(id)}, `);
}

/**
 * A number for the beginning of every method `backward`: a custom backward that calls nothing, such as one that returns its
 * gradient as it came, has a place, too.
 */
export function markBackward(node: AnyNode, edits: Edits, newSite: NewSite): void {
  if (node.type !== "MethodDefinition" || node.computed || node.value.params.length === 0) return;
  const { key } = node;
  if (key.type !== "Identifier" || key.name !== "backward" || !node.static) return;
  const id = newSite({ start: key.start, end: key.end, callee: key });
  if (id !== null) edits.insert(node.value.body.start + 1, `${hookNames.site}(${idText(id)});`);
}

/** Lets a loop be interrupted that calls nothing and may not end. */
export function markLoop(node: AnyNode, edits: Edits): void {
  if (!isOpenLoop(node) || callsSomething(node)) return;
  if (node.body.type === "BlockStatement") edits.insert(node.body.start + 1, `${hookNames.loop}();`);
  else edits.wrap(node.body, `{${hookNames.loop}();`, "}");
}

function isOpenLoop(
  node: AnyNode,
): node is Extract<AnyNode, { type: "WhileStatement" | "DoWhileStatement" | "ForStatement" }> {
  // `for (let i = 0; i < n; i++)` is how numbers are crunched, and is left alone.
  if (node.type === "ForStatement") return !node.test || !node.update;
  return node.type === "WhileStatement" || node.type === "DoWhileStatement";
}

function callsSomething(node: AnyNode): boolean {
  if (node.type === "NewExpression" || (node.type === "CallExpression" && isCallToMark(node))) return true;
  if (isFunction(node)) return false;
  return someChild(node, callsSomething);
}
