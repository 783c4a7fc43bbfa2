import type { LocalDerivative } from "../../../engine/functional/localDerivative.ts";
import { formatNumber, formatShort, formatValues } from "../../../engine/recording/queries/numbers.ts";
import { statistics } from "../../../engine/recording/statistics.ts";
import { statisticsText } from "./exceptionText.ts";
import type { Names } from "./names.ts";
import { type Children, type EditTarget, plain, rows, type Shown } from "./shown.ts";
import type { HeldValues, Tensors } from "./tensors.ts";
import type { Operand, Timeline } from "./timeline.ts";

/** What tensors are shown from. */
export interface ShownParts {
  readonly timeline: Timeline;
  readonly tensors: Tensors;
  readonly names: Names;
  /** The derivatives of a node's op by its inputs; a text says why they are not to be had. */
  derivatives(node: number): Promise<readonly (LocalDerivative | null)[] | string>;
}

/** Which tensor to show, and how. */
export interface TensorRow {
  readonly name: string;
  readonly row: number;
  readonly event: number;
  readonly evaluateName?: string | undefined;
  /** Which gradient that the node just run hands on; null for anything else. */
  readonly handedOn?: number | null;
}

/** An operand as a row: a tensor that unfolds, a number, or null. */
export function shownOperand(
  name: string,
  operand: Operand,
  event: number,
  parts: ShownParts,
  handedOn: number | null = null,
): Shown {
  if (operand === null) return plain(name, "null");
  if (operand.kind === "number") return { ...plain(name, formatShort(operand.value)), type: "number" };
  const called = parts.names.nameOf(operand.row);
  const label = called === null || called === name ? name : `${name} (${called})`;
  return shownTensor({ name: label, row: operand.row, event, handedOn, evaluateName: called ?? undefined }, parts);
}

/** A tensor as a row: what it holds in one line, and everything about it below. */
export function shownTensor({ name, row, event, evaluateName, handedOn = null }: TensorRow, parts: ShownParts): Shown {
  const { tensors } = parts;
  const target: EditTarget = { tensor: row, element: null, handedOn };
  return {
    name,
    value: tensorText(row, event, parts),
    type: typeText(row, tensors),
    children: tensorChildren(row, event, parts, target),
    tensor: { row, event },
    target,
    ...(evaluateName === undefined ? {} : { evaluateName }),
  };
}

/** `float32 [2, 3]` */
function typeText(row: number, tensors: Tensors): string {
  return `${tensors.dtype(row)} [${tensors.shape(row).join(", ")}]`;
}

/** `44`, `[1, 2, 3]`, `float32 [64, 32] norm 3.2`, with what is remarkable about it. */
export function tensorText(row: number, event: number, { tensors }: ShownParts): string {
  const held = tensors.at(row, event);
  const shape = tensors.shape(row);
  const bad = badText(row, event, tensors);
  if (held?.isCurrent && held.stride === 1 && held.values.length <= 8) {
    const values = formatValues(Array.from(held.values), shape);
    return shape.length < 2 ? values : `${values} [${shape.join(", ")}]`;
  }
  const found = tensors.statistics(row, event);
  const norm = found === null || held?.isCurrent === false ? "" : ` norm ${formatNumber(found.norm)}`;
  const how = held === null ? ", values not kept" : held.isCurrent ? "" : ", values as of before";
  return `${typeText(row, tensors)}${norm}${bad}${how}`;
}

function badText(row: number, event: number, tensors: Tensors): string {
  const found = tensors.statistics(row, event);
  if (found === null) return "";
  return `${found.nan > 0 ? ` ${found.nan} NaN` : ""}${found.inf > 0 ? ` ${found.inf} Inf` : ""}`;
}

function tensorChildren(row: number, event: number, parts: ShownParts, target: EditTarget): Children {
  const { tensors } = parts;
  const held = tensors.at(row, event);
  const elements = held === null ? none : elementRows(held, tensors.shape(row), 0, target);
  return { ...elements, named: () => facts(row, event, held, parts), namedCount: 8 };
}

/** Everything about a tensor that is not an element of it. */
function facts(row: number, event: number, held: HeldValues | null, parts: ShownParts): Shown[] {
  const { tensors, timeline } = parts;
  const isLeaf = tensors.isLeaf(row, event);
  const made = tensors.madeBy(row);
  const written = tensors.lastWrite(row, event);
  const found = tensors.statistics(row, event);
  const gradient = tensors.gradient(row, event);
  const all = [
    plain("shape", `[${tensors.shape(row).join(", ")}]`),
    plain("dtype", tensors.dtype(row)),
    plain("isLeaf", String(isLeaf)),
    plain("requiresGrad", String(tensors.requiresGrad(row, event))),
    plain("gradFn", tensors.gradFn(row, event) ?? "null"),
    plain("version", versionText(held, written, timeline)),
    plain("madeBy", made === 0 ? "the program" : `${timeline.name(made)} (event ${made})`),
  ];
  if (found !== null) all.push(plain("statistics", statisticsText(found)));
  if (held !== null && held.stride > 1)
    all.push(plain("kept", `every ${held.stride}th of ${tensors.numel(row)} elements: it was too large to keep whole`));
  if (isLeaf || gradient !== 0) {
    all.push(gradient === 0 ? plain("grad", "null") : shownTensor({ name: "grad", row: gradient, event }, parts));
  }
  return all;
}

function versionText(held: HeldValues | null, written: number, timeline: Timeline): string {
  if (written === 0) return String(held?.version ?? 0);
  const by = timeline.name(written) || "an optimizer's step";
  return held?.isCurrent
    ? `${held.version}, written by ${by} (event ${written})`
    : `written by ${by} (event ${written})`;
}

const none: Children = rows(() => []);

/** The elements below one index of each dimension before `depth`: numbers in the last one, rows of rows before. */
export function elementRows(
  held: HeldValues,
  shape: readonly number[],
  first: number,
  target: EditTarget | null,
): Children {
  const { values, stride } = held;
  // A sample has no rows: its elements are told by their numbers.
  if (stride > 1 || shape.length <= 1) {
    const count = stride > 1 ? values.length : (shape[0] ?? 1);
    const element = (i: number): number => (first + i) * stride;
    return {
      named: () => [],
      indexedCount: count,
      indexed: (start, length) =>
        range(start, Math.min(length, count - start)).map((i) => ({
          name: `[${element(i)}]`,
          value: formatElement(values[first + i]),
          type: "number",
          ...(target === null ? {} : { target: { ...target, element: element(i) } }),
        })),
    };
  }
  const [size = 0, ...rest] = shape;
  const below = rest.reduce((product, one) => product * one, 1);
  return {
    named: () => [],
    indexedCount: size,
    indexed: (start, length) =>
      range(start, Math.min(length, size - start)).map((i) => {
        const from = first + i * below;
        const part = values.subarray(from, from + below);
        return {
          name: `[${i}]`,
          value:
            below <= 8
              ? formatValues(Array.from(part), rest)
              : `[${rest.join(", ")}] norm ${formatNumber(statistics(part).norm)}`,
          children: elementRows(held, rest, from, target),
        };
      }),
  };
}

function formatElement(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(Number(value.toPrecision(8))) : value > 0 ? "Infinity" : "-Infinity";
}

function range(start: number, count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, i) => start + i);
}
