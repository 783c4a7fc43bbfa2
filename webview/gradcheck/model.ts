import type { GradcheckPairRow } from "../../engine/recording/schema.ts";
import type { ShownGradcheck } from "../protocol/gradcheck.ts";
import { type Guard, isWhole, shapeOf } from "../protocol/guards.ts";

/** What VS Code keeps of the panel. */
export interface KeptView {
  readonly check: number;
}

export const isKeptView: Guard<KeptView> = shapeOf<KeptView>({ check: isWhole() });

/** Which of the three matrices. */
export type MatrixKind = "analytical" | "numerical" | "difference";

/** An entry of a pair, by row and column of the whole Jacobian. */
export interface Entry {
  readonly row: number;
  readonly col: number;
}

/** A pair with what the drawing asks of it, worked out once. */
export interface PairModel {
  readonly pair: GradcheckPairRow;
  readonly matrices: { readonly [K in MatrixKind]: readonly number[] };
  /** Largest size of a finite number in both Jacobians, and in their difference: the ends of the two colour scales. */
  readonly scale: number;
  readonly differenceScale: number;
  /** Entries beyond the tolerance, in their order. */
  readonly wrong: ReadonlySet<number>;
}

export function pairModel(pair: GradcheckPairRow, { atol, rtol }: Pick<ShownGradcheck, "atol" | "rtol">): PairModel {
  const { analytical, numerical } = pair;
  const difference = analytical.map((a, k) => differenceOf(a, numerical[k] ?? Number.NaN));
  const wrong = new Set<number>();
  difference.forEach((d, k) => {
    const allowed = atol + rtol * Math.abs(numerical[k] ?? 0);
    if (!(Math.abs(d) <= allowed)) wrong.add(k);
  });
  return {
    pair,
    matrices: { analytical, numerical, difference },
    scale: Math.max(largest(analytical), largest(numerical)),
    differenceScale: largest(difference),
    wrong,
  };
}

/** Two NaN, and two equal infinities, are no difference. */
function differenceOf(a: number, n: number): number {
  return a === n || (Number.isNaN(a) && Number.isNaN(n)) ? 0 : a - n;
}

function largest(values: readonly number[]): number {
  let found = 0;
  for (const value of values) if (Number.isFinite(value)) found = Math.max(found, Math.abs(value));
  return found;
}

/** The number of an entry in the window's lists; null when the window does not show it. */
export function indexOf({ firstRow, firstCol, shownRows, shownCols }: GradcheckPairRow, at: Entry): number | null {
  const row = at.row - firstRow;
  const col = at.col - firstCol;
  return row < 0 || col < 0 || row >= shownRows || col >= shownCols ? null : row * shownCols + col;
}

export function entryAt({ firstRow, firstCol, shownCols }: GradcheckPairRow, index: number): Entry {
  return { row: firstRow + Math.floor(index / shownCols), col: firstCol + (index % shownCols) };
}

/** The entry one step away, or the same at the border. */
export function stepFrom(pair: GradcheckPairRow, at: Entry, down: number, right: number): Entry {
  const clamp = (value: number, first: number, count: number): number =>
    Math.max(first, Math.min(first + count - 1, value));
  return {
    row: clamp(at.row + down, pair.firstRow, pair.shownRows),
    col: clamp(at.col + right, pair.firstCol, pair.shownCols),
  };
}

/** The next wrong entry after this one, or before it; round the end to the first. */
export function nextWrong({ pair, wrong }: PairModel, at: Entry, by: 1 | -1): Entry {
  const all = [...wrong];
  if (all.length === 0) return at;
  const here = indexOf(pair, at) ?? -1;
  const next = by === 1 ? all.find((k) => k > here) : all.findLast((k) => k < here);
  return entryAt(pair, next ?? (by === 1 ? (all[0] ?? 0) : (all.at(-1) ?? 0)));
}

/** Where the eye is led first: the worst entry, else the first wrong one, else the first of all. */
export function firstEntry(model: PairModel, { worst }: Pick<ShownGradcheck, "worst">): Entry {
  const { pair, wrong } = model;
  if (worst?.output === pair.output && worst.input === pair.input) return { row: worst.row, col: worst.col };
  const [first] = wrong;
  return entryAt(pair, first ?? 0);
}

/** The place of an element in a tensor of that shape: `[1, 2]`. */
export function elementText(index: number, shape: readonly number[]): string {
  let rest = index;
  const place = [...shape].reverse().map((size) => {
    const at = size === 0 ? 0 : rest % size;
    rest = size === 0 ? 0 : Math.floor(rest / size);
    return at;
  });
  return `[${place.reverse().join(", ")}]`;
}

/** The words of a cause, for the list. */
export const causeWords: Readonly<Record<string, string>> = {
  sign: "wrong sign",
  transposed: "transposed",
  factor: "wrong factor",
  "missing-sum": "missing sum",
  "missing-term": "missing term",
  "undefined-grad": "undefined gradient",
  nondeterministic: "not deterministic",
  kink: "kink, no bug",
  float32: "float32 noise",
  "step-size": "step size",
};
