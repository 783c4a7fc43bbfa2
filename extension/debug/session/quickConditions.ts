import { type DType, isFloat } from "../../../engine/base/dtype.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { squares } from "../../../engine/recording/statistics.ts";
import { eventOperands } from "./expressions.ts";
import type { MatchParts } from "./matching.ts";

/** A condition so plain that its answer is read off the recording, without a thread that evaluates it. */
interface QuickCondition {
  readonly word: "value" | "grad";
  readonly figure: "element" | "norm" | "nan";
  readonly holds: (figure: number) => boolean;
}

const parsed = new Map<string, QuickCondition | null>();
/** Conditions are typed by hand; whoever sends thousands of them has each read again. */
const MANY = 1000;

/**
 * Whether `value.norm() > 10`, `grad < 0`, `isNaN(grad)` and the like hold at an event; null for any other condition, and
 * where what they ask for is not known: the evaluator says what is the matter then.
 */
export function quickAnswer(condition: string, event: number, parts: MatchParts): boolean | null {
  const quick = quickConditionOf(condition);
  // The user's own name goes before the word of the same spelling.
  if (quick === null || parts.names.find(quick.word, event) !== null) return null;
  const figure = figureOf(quick, event, parts);
  return figure === null ? null : quick.holds(figure);
}

function quickConditionOf(condition: string): QuickCondition | null {
  let quick = parsed.get(condition);
  if (quick === undefined) {
    if (parsed.size >= MANY) parsed.clear();
    quick = parseNan(condition) ?? parseComparison(condition);
    parsed.set(condition, quick);
  }
  return quick;
}

function parseNan(condition: string): QuickCondition | null {
  const word = /^\s*isNaN\s*\(\s*(value|grad)\s*\)\s*$/.exec(condition)?.[1];
  return word === undefined ? null : { word: word as "value" | "grad", figure: "nan", holds: (count) => count > 0 };
}

// A number with a zero in front is octal in JavaScript, and so it is none of these.
const comparison =
  /^\s*(value|grad)(?:\s*\.\s*(norm|item)\s*\(\s*\))?\s*(<=?|>=?|[=!]==?)\s*([+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

function parseComparison(condition: string): QuickCondition | null {
  const [, word, method, sign = "", digits] = comparison.exec(condition) ?? [];
  const compare = comparisons[sign];
  // A tensor is never identical to a number, whatever is in it.
  if (compare === undefined || (sign.length === 3 && method !== "item")) return null;
  const limit = Number(digits);
  const figure = method === "norm" ? "norm" : "element";
  return { word: word as "value" | "grad", figure, holds: (found) => compare(found, limit) };
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "===": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "!==": (a, b) => a !== b,
};

/** What a condition compares, as the evaluator would compute it; null when it is not known. */
function figureOf({ word, figure }: QuickCondition, event: number, parts: MatchParts): number | null {
  const operand = eventOperands(event, parts).find(([name]) => name === word)?.[1] ?? null;
  if (operand?.kind !== "tensor") return null;
  const { row } = operand;
  switch (figure) {
    case "element":
      return elementOf(row, event, parts);
    case "nan":
      return nanCount(row, event, parts);
    case "norm": {
      const dtype = parts.tensors.dtype(row) as DType;
      if (!isFloat(dtype)) return null;
      const norm = normOf(row, event, parts) ?? normTold(word, event, parts);
      return norm !== null && dtype === "float32" ? Math.fround(norm) : norm;
    }
  }
}

function elementOf(row: number, event: number, { tensors }: MatchParts): number | null {
  const held = tensors.at(row, event);
  if (tensors.dtype(row) === "bool" || held?.isCurrent !== true || held.values.length !== 1) return null;
  return tensors.numel(row) === 1 ? (held.values[0] ?? null) : null;
}

function nanCount(row: number, event: number, { tensors }: MatchParts): number | null {
  const held = tensors.at(row, event);
  if (held?.isCurrent !== true) return null;
  if (held.stride === 1) return held.values.some(Number.isNaN) ? 1 : 0;
  return tensors.statistics(row, event)?.nan ?? null;
}

/** Of a sampled tensor too: the figures of all its elements were recorded with the sample. */
function normOf(row: number, event: number, { tensors }: MatchParts): number | null {
  const held = tensors.at(row, event);
  if (held?.isCurrent !== true) return null;
  if (held.stride === 1) return Math.sqrt(squares(held.values, 0, held.values.length));
  return tensors.statistics(row, event)?.norm ?? null;
}

/** An event tells the norm of what it is about, whether or not the values were kept. */
function normTold(word: "value" | "grad", event: number, { timeline }: MatchParts): number | null {
  const kind = timeline.kind(event);
  const isTold = word === "value" ? kind === EventKind.op : kind === EventKind.node || kind === EventKind.accumulate;
  const norm = isTold ? timeline.value(event) : Number.NaN;
  return Number.isNaN(norm) ? null : norm;
}
