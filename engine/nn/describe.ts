import type { Module } from "./module.ts";
import { ownModules } from "./own.ts";

/** The printed form of a module, its children indented below it. */
export function describeModule(module: Module): string {
  const extra = module.extraRepr();
  const children = childLines(module);
  const name = module.constructor.name;
  if (children.length === 0) return extra.includes("\n") ? `${name}(\n${indented(extra)}\n)` : `${name}(${extra})`;
  const lines = extra === "" ? children : [...extra.split("\n"), ...children];
  return `${name}(\n${lines.map(indented).join("\n")}\n)`;
}

/** Neighbours that print alike in a list become one line: `(0-2): 3 x Linear(…)`. */
function childLines(module: Module): string[] {
  const shown = ownModules(module).map(([name, child]) => ({
    name,
    last: name,
    count: 1,
    text: describeModule(child),
  }));
  const merged: typeof shown = [];
  for (const entry of shown) {
    const before = merged.at(-1);
    if (isListItem(module, entry.name) && before?.text === entry.text) {
      before.last = entry.name;
      before.count++;
    } else merged.push(entry);
  }
  return merged.map(({ name, last, count, text }) =>
    count === 1 ? `(${name}): ${text}` : `(${name}-${last}): ${count} x ${text}`,
  );
}

const isListItem = (module: Module, name: string): boolean =>
  module.constructor.name === "ModuleList" && /^\d+$/.test(name);

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

/** `inFeatures=3, bias=true`: what `extraRepr` gives, from options; undefined ones are left out. */
export function showOptions(options: { readonly [name: string]: unknown }): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${show(value)}`)
    .join(", ");
}

/** A value as it stands in a printed form. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4) return value.toExponential();
  return typeof value === "string" ? `'${value}'` : String(value);
}
