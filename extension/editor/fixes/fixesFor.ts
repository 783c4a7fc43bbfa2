import { repairsOf } from "./badNumbers.ts";
import type { Fix, FixScene } from "./fix.ts";
import { loopFixes } from "./loops.ts";
import { graphFixes } from "./roots.ts";

/** What can be changed in the program so that an alert is gone; the best first, nothing where no change is safe. */
export function fixesFor(scene: FixScene): Fix[] {
  const { kind } = scene.alert;
  if (kind === "nan" || kind === "inf" || kind === "nan-loss") return repairsOf(scene);
  return (graphFixes[kind] ?? loopFixes[kind])?.(scene) ?? [];
}

/** A text after some changes, which must not overlap. */
export function withChanges(text: string, { changes }: Fix): string {
  const ordered = [...changes].sort((a, b) => b.start - a.start || b.end - a.end);
  return ordered.reduce((result, { start, end, text: put }) => result.slice(0, start) + put + result.slice(end), text);
}
