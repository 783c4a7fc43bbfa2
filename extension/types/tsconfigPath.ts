import { type JsoncObject, readObject } from "./jsoncObjects.ts";

/** A replacement in a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The edit that makes a tsconfig.json resolve "gradlens" to a file, comments and layout left as they are; null when the text is not a
 * tsconfig that can be edited, or needs no edit.
 */
export function addTsconfigPath(tsconfig: string, target: string): TextEdit | null {
  const root = readObject(tsconfig);
  if (root === null) return null;
  const unit = /^([ \t]+)"/m.exec(tsconfig)?.[1] ?? "  ";
  const path = `"gradlens": [${JSON.stringify(target)}]`;

  const options = objectIn(tsconfig, root, "compilerOptions");
  if (options === null) {
    return insertInto(root, `"compilerOptions": { "paths": { ${path} } }`, { unit, depth: 1 });
  }
  const paths = objectIn(tsconfig, options, "paths");
  if (paths === null) return insertInto(options, `"paths": { ${path} }`, { unit, depth: 2 });

  const existing = paths.properties.find(({ key }) => key === "gradlens");
  if (existing === undefined) return insertInto(paths, path, { unit, depth: 3 });
  const text = `[${JSON.stringify(target)}]`;
  const { valueStart: start, valueEnd: end } = existing;
  return tsconfig.slice(start, end).replace(/\s/g, "") === text.replace(/\s/g, "") ? null : { start, end, text };
}

/** The whole of a tsconfig.json for a folder that has none. */
export function newTsconfig(target: string): string {
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    noEmit: true,
    paths: { gradlens: [target] },
  };
  return `${JSON.stringify({ compilerOptions }, null, 2)}\n`;
}

interface Indent {
  readonly unit: string;
  readonly depth: number;
}

/** As the first of an object's properties, on a line of its own. */
function insertInto({ inside, properties }: JsoncObject, property: string, { unit, depth }: Indent): TextEdit {
  const after = properties.length === 0 ? `\n${unit.repeat(depth - 1)}` : ",";
  return { start: inside, end: inside, text: `\n${unit.repeat(depth)}${property}${after}` };
}

function objectIn(text: string, { properties }: JsoncObject, key: string): JsoncObject | null {
  const property = properties.find((one) => one.key === key);
  return property === undefined ? null : readObject(text, property.valueStart);
}
