import type { AnyNode, Expression, Pattern } from "acorn";
import type { FileNameRow } from "../protocol.ts";
import { hookNames, idText } from "../siteHooks.ts";
import type { Edits } from "./edits.ts";
import type { OriginalPositions } from "./originalPositions.ts";

/** What is known of a name before it has a number. */
export type NameFound = Pick<FileNameRow, "name" | "assignment" | "alias"> & { readonly start: number };

/** Gives a number to a name; null when the transpiler made that place up. */
export type NewName = (found: NameFound) => number | null;

/** Tells the engine what the user calls a value: the value of `const w1 = …` passes through a hook. */
export class NameMarker {
  readonly #edits: Edits;
  readonly #newName: NewName;
  readonly #positions: OriginalPositions;

  constructor(edits: Edits, newName: NewName, positions: OriginalPositions) {
    this.#edits = edits;
    this.#newName = newName;
    this.#positions = positions;
  }

  /** To be called when a node is entered, before its calls are marked. */
  mark(node: AnyNode, ancestors: readonly AnyNode[]): void {
    switch (node.type) {
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          if (id.type === "Identifier" && init) this.#markValue(init, this.#textOf(id), "declare", id.start);
        }
        this.#markPatterns(node, ancestors);
        return;
      case "AssignmentExpression":
        if (["=", "||=", "&&=", "??="].includes(node.operator)) {
          this.#markValue(node.right, this.#textOf(node.left), "assign", node.left.start);
        }
        return;
      case "PropertyDefinition":
        if (node.value) this.#markValue(node.value, this.#fieldName(node, ancestors), "declare", node.key.start);
        return;
      case "CallExpression":
        this.#markLoweredField(node);
        return;
      case "ExpressionStatement":
        this.#markPatterns(node, ancestors);
        return;
      default:
    }
  }

  #markValue(value: AnyNode, name: string | null, assignment: FileNameRow["assignment"], start: number): void {
    if (name === null) return;
    // An empty one is there to be filled, and what is in it then goes by its place: `ws[0]`.
    // `N = {}` alone is how a namespace begins.
    const isMade = assignment === "declare" || name.startsWith("this.");
    if (isMade && isEmptyContainer(value)) this.#wrap(value, { name, assignment, alias: false, start });
    if (value.type === "ObjectExpression") {
      for (const property of value.properties) {
        if (property.type !== "Property" || property.computed || property.shorthand || property.kind !== "init")
          continue;
        this.#markValue(property.value, `${name}${keyText(property.key)}`, assignment, property.key.start);
      }
    } else if (value.type === "ArrayExpression") {
      value.elements.forEach((element, index) => {
        if (element) this.#markValue(element, `${name}[${index}]`, assignment, element.start);
      });
    } else if (mayBeTensor(value)) this.#wrap(value, { name, assignment, alias: isAlias(value), start });
  }

  #wrap(value: AnyNode, found: NameFound): void {
    const id = this.#newName(found);
    if (id !== null) this.#edits.wrapCall(value, `${hookNames.name}(${idText(id)}, `);
  }

  /** `const [a, b] = …` says the names once the statement is done. */
  #markPatterns(node: AnyNode, ancestors: readonly AnyNode[]): void {
    const end = endOfStatement(node, ancestors);
    if (end === null) return;
    for (const { pattern, assignment, alias } of patternsOf(node)) {
      for (const target of identifiersIn(pattern)) {
        const name = this.#textOf(target) ?? target.name;
        const id = this.#newName({ name, assignment, alias, start: target.start });
        if (id !== null) this.#edits.insert(end, ` ${hookNames.name}(${idText(id)}, ${target.name});`);
      }
    }
  }

  /** `__publicField(this, "fc", …)` is what a field becomes where it cannot stay one. */
  #markLoweredField(node: Extract<AnyNode, { type: "CallExpression" }>): void {
    const { callee } = node;
    const [owner, key, value] = node.arguments;
    if (callee.type !== "Identifier" || !callee.name.startsWith("__publicField")) return;
    if (!owner || key?.type !== "Literal" || typeof key.value !== "string" || !value) return;
    const prefix = this.#textOf(owner);
    if (prefix !== null) this.#markValue(value, `${prefix}.${key.value}`, "declare", key.start);
  }

  #fieldName(node: Extract<AnyNode, { type: "PropertyDefinition" }>, ancestors: readonly AnyNode[]): string | null {
    if (node.computed) return null;
    const owner = node.static ? classNameOf(ancestors) : "this";
    return `${owner}${keyText(node.key)}`;
  }

  /** The text of an assignable place, or null when it is not worth a name. */
  #textOf(target: AnyNode): string | null {
    switch (target.type) {
      case "Identifier":
        return this.#positions.identifierAt(target.start);
      case "ThisExpression":
        return "this";
      case "MemberExpression":
        return this.#textOfMember(target);
      default:
        return null;
    }
  }

  #textOfMember({ object, property, computed }: Extract<AnyNode, { type: "MemberExpression" }>): string | null {
    const owner = isExports(object) || this.#isNamespace(object, property) ? "" : this.#textOf(object);
    if (owner === null || isExports(property)) return null;
    if (!computed) return owner === "" ? keyText(property).slice(1) : `${owner}${keyText(property)}`;
    return property.type === "Literal" ? `${owner}${keyText(property)}` : null;
  }

  /** `export const w = …` in a namespace becomes `NS.w = …`, both words from the same place. */
  #isNamespace(object: AnyNode, property: AnyNode): boolean {
    const owner = this.#positions.at(object.start);
    const key = this.#positions.at(property.start);
    return object.type === "Identifier" && owner?.line === key?.line && owner?.column === key?.column;
  }
}

/** `exports.w = …` is how CommonJS says `w`. */
function isExports(node: AnyNode): boolean {
  return node.type === "Identifier" && node.name === "exports";
}

function keyText(key: AnyNode): string {
  if (key.type === "Identifier") return `.${key.name}`;
  if (key.type === "PrivateIdentifier") return `.#${key.name}`;
  if (key.type !== "Literal") return "";
  const isWord = typeof key.value === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key.value);
  return isWord ? `.${key.value}` : `[${key.raw ?? ""}]`;
}

function classNameOf(ancestors: readonly AnyNode[]): string {
  const owner = ancestors.findLast((node) => node.type === "ClassDeclaration" || node.type === "ClassExpression");
  return owner?.id?.name ?? "static";
}

const numberMakers = new Set([
  "Math",
  "Number",
  "JSON",
  "Date",
  "performance",
  "process",
  "require",
  "String",
  "Boolean",
  "parseInt",
  "parseFloat",
]);

/** Literals, functions, templates, comparisons and arithmetic never give a tensor. */
function mayBeTensor(value: AnyNode): boolean {
  switch (value.type) {
    case "CallExpression":
      return !numberMakers.has(rootName(value.callee));
    case "Identifier":
      return value.name !== "undefined" && value.name !== "NaN" && value.name !== "Infinity";
    case "AwaitExpression":
      return value.argument.type !== "ImportExpression";
    case "NewExpression":
    case "MemberExpression":
    case "ChainExpression":
    case "ConditionalExpression":
    case "LogicalExpression":
    case "SequenceExpression":
    case "YieldExpression":
      return true;
    default:
      return false;
  }
}

function rootName(callee: AnyNode): string {
  if (callee.type === "Identifier") return callee.name;
  return callee.type === "MemberExpression" && callee.object.type === "Identifier" ? callee.object.name : "";
}

function isEmptyContainer(value: AnyNode): boolean {
  if (value.type === "ArrayExpression") return value.elements.length === 0;
  return value.type === "ObjectExpression" && value.properties.length === 0;
}

function isAlias(value: AnyNode): boolean {
  return value.type === "Identifier" || value.type === "MemberExpression";
}

interface NamedPattern {
  readonly pattern: AnyNode;
  readonly assignment: FileNameRow["assignment"];
  readonly alias: boolean;
}

function patternsOf(node: AnyNode): NamedPattern[] {
  if (node.type === "VariableDeclaration") {
    return node.declarations.flatMap(({ id, init }) =>
      init ? [{ pattern: id, assignment: "declare", alias: isAlias(init) }] : [],
    );
  }
  if (node.type !== "ExpressionStatement" || node.expression.type !== "AssignmentExpression") return [];
  const { left, right } = node.expression;
  return [{ pattern: left, assignment: "assign", alias: isAlias(right) }];
}

/** The variables that a destructuring pattern sets; none for a plain identifier, which is named where its value is. */
function identifiersIn(pattern: AnyNode): Extract<AnyNode, { type: "Identifier" }>[] {
  return pattern.type === "Identifier" ? [] : targetsIn(pattern);
}

function targetsIn(pattern: AnyNode | Pattern | Expression): Extract<AnyNode, { type: "Identifier" }>[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern];
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? targetsIn(element) : []));
    case "ObjectPattern":
      return pattern.properties.flatMap((item) => targetsIn(item.type === "Property" ? item.value : item));
    case "AssignmentPattern":
      return targetsIn(pattern.left);
    default:
      return [];
  }
}

/** Where another statement may follow this one, or null where only one statement may stand. */
function endOfStatement(node: AnyNode, ancestors: readonly AnyNode[]): number | null {
  const parent = ancestors.at(-1);
  if (parent?.type === "ExportNamedDeclaration") return parent.end;
  const isInList =
    parent?.type === "Program" ||
    parent?.type === "BlockStatement" ||
    parent?.type === "StaticBlock" ||
    parent?.type === "SwitchCase";
  return isInList ? node.end : null;
}
