import type { AnyNode, Program } from "acorn";
import MagicString from "magic-string";
import type { FileNameRow, FileSiteRow, ImportPlace } from "../protocol.ts";
import { markBackward, markCallSites, markLoop, type NewSite } from "./callSites.ts";
import { Edits } from "./edits.ts";
import { importAt } from "./importList.ts";
import type { OriginalPositions } from "./originalPositions.ts";
import { NameMarker, type NewName } from "./tensorNames.ts";
import { isFunction, walk } from "./walk.ts";

/** JavaScript that says which call it is about to make, on the lines it had before. Numbers count from 0 in the file. */
export interface Instrumented {
  readonly text: MagicString;
  readonly sites: readonly FileSiteRow[];
  readonly names: readonly FileNameRow[];
  /** The source text of what each site calls, for error messages. */
  readonly callees: readonly string[];
  readonly imports: readonly ImportPlace[];
}

/** Inserts the hooks of `siteHooks.ts` into transpiled code. */
export function instrument(code: string, program: Program, positions: OriginalPositions): Instrumented {
  const text = new MagicString(code);
  const edits = new Edits(text);
  const functions = new FunctionNames(positions);
  const sites: FileSiteRow[] = [];
  const callees: string[] = [];
  const names: FileNameRow[] = [];
  const imports: ImportPlace[] = [];
  const added = addedByTranspiler(program, positions);

  const newSite: NewSite = ({ start, end, callee }) => {
    const place = positions.at(start);
    if (!place || (callee.type === "Identifier" && added.has(callee.name))) return null;
    const last = positions.at(end - 1);
    sites.push({
      id: sites.length,
      ...place,
      endLine: last ? last.line : null,
      endColumn: last ? last.column + 1 : null,
      functionName: functions.current,
    });
    callees.push(code.slice(callee.start, Math.min(callee.end, callee.start + 80)));
    return sites.length - 1;
  };
  const newName: NewName = ({ name, assignment, alias, start }) => {
    const place = positions.at(start);
    if (!place) return null;
    names.push({ id: names.length, name, ...place, assignment, alias });
    return names.length - 1;
  };
  const nameMarker = new NameMarker(edits, newName, positions);

  walk(program, (node, ancestors) => {
    const leaveFunction = functions.enter(node, ancestors);
    const place = importAt(node, ancestors, positions);
    if (place) imports.push(place);
    nameMarker.mark(node, ancestors);
    markCallSites(node, ancestors, edits, newSite);
    markLoop(node, edits);
    markBackward(node, edits, newSite);
    const close = edits.takeClosings();
    if (!close) return leaveFunction;
    return () => {
      close();
      leaveFunction?.();
    };
  });
  return { text, sites, names, callees, imports };
}

/** Functions such as `__publicField` that stand before the user's code and come from no place in it. */
function addedByTranspiler(program: Program, positions: OriginalPositions): ReadonlySet<string> {
  const added = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== "VariableDeclaration" || positions.at(statement.start)) continue;
    for (const { id } of statement.declarations) if (id.type === "Identifier") added.add(id.name);
  }
  return added;
}

/** Follows which named function the walk is in. */
class FunctionNames {
  readonly #positions: OriginalPositions;
  current: string | null = null;

  constructor(positions: OriginalPositions) {
    this.#positions = positions;
  }

  enter(node: AnyNode, ancestors: readonly AnyNode[]): (() => void) | undefined {
    const name = this.#nameOf(node, ancestors);
    if (name === null) return undefined;
    const before = this.current;
    this.current = name;
    return () => {
      this.current = before;
    };
  }

  #nameOf(node: AnyNode, ancestors: readonly AnyNode[]): string | null {
    if (!isFunction(node) || node.type === "StaticBlock") return null;
    if ("id" in node && node.id) return this.#text(node.id);
    const owner = ancestors.at(-1);
    switch (owner?.type) {
      case "VariableDeclarator":
        return this.#text(owner.id);
      case "MethodDefinition":
      case "PropertyDefinition":
        return this.#memberName(owner.key, ancestors);
      case "Property":
        return this.#text(owner.key);
      case "AssignmentExpression":
        return owner.left.type === "MemberExpression" ? this.#text(owner.left.property) : this.#text(owner.left);
      default:
        return null;
    }
  }

  #memberName(key: AnyNode, ancestors: readonly AnyNode[]): string | null {
    const owner = ancestors.findLast((node) => node.type === "ClassDeclaration" || node.type === "ClassExpression");
    const name = this.#text(key);
    const className = owner?.id ? this.#text(owner.id) : null;
    return className === null || name === null ? name : `${className}.${name}`;
  }

  #text(node: AnyNode): string | null {
    if (node.type === "Identifier") return this.#positions.identifierAt(node.start) ?? node.name;
    if (node.type === "PrivateIdentifier") return `#${node.name}`;
    return node.type === "Literal" ? String(node.value) : null;
  }
}
