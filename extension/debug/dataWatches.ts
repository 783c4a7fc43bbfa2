import type { DataWatch, WatchedThing } from "./session/breakpoints.ts";

const labels: Readonly<Record<WatchedThing, string>> = {
  grad: "the gradient of NAME changes",
  "grad-nonfinite": "the gradient of NAME becomes NaN or infinite",
  "grad-norm": "a gradient of NAME arrives",
  "grad-set": "the gradient of NAME is set for the first time",
  "grad-hook": "a hook changes the gradient of NAME",
  value: "NAME is written to",
  version: "the version of NAME goes up",
};

/** What is watched, for people. */
export function labelOf({ name, tensor, what }: DataWatch): string {
  return labels[what].replace("NAME", name ?? `tensor ${tensor}`);
}

/** `grad:w1`, `grad-nonfinite:w1`, `value:#12` for a tensor without a name. */
export function encodeWatch({ name, tensor, what }: DataWatch): string {
  return `${what}:${name ?? `#${tensor}`}`;
}

/** Null for what is no such text. */
export function decodeWatch(dataId: string): DataWatch | null {
  const [, what = "", name = ""] = /^([a-z-]+):(.+)$/.exec(dataId) ?? [];
  if (!Object.hasOwn(labels, what)) return null;
  const row = /^#(\d+)$/.exec(name)?.[1];
  return { what: what as WatchedThing, name: row === undefined ? name : null, tensor: Number(row ?? 0) };
}
