import type { LocalDerivative, RecordedCall, RecordedTensor } from "../../../engine/functional/localDerivative.ts";
import { formatShort, formatValues } from "../../../engine/recording/queries/numbers.ts";
import type { Evaluator } from "../evaluator/evaluator.ts";
import { type Children, plain, type Shown } from "./shown.ts";
import { elementRows } from "./shownTensor.ts";
import type { Tensors } from "./tensors.ts";
import type { Operand, Timeline } from "./timeline.ts";

interface DerivativeParts {
  readonly timeline: Timeline;
  readonly tensors: Tensors;
  readonly evaluator: Pick<Evaluator, "derivatives">;
}

/** More numbers than these are not handed to the thread that computes derivatives. */
const SENT = 1 << 20;

/** The derivatives of a node's op by each of its inputs, or why they can't be told. Never rejects. */
export async function derivativesAt(
  node: number,
  { timeline, tensors, evaluator }: DerivativeParts,
): Promise<readonly (LocalDerivative | null)[] | string> {
  const op = timeline.forwardOf(node);
  if (op === 0) return "The op of this node was not recorded.";
  let left = SENT;
  const tensorAt = (row: number, event: number): RecordedTensor => {
    const shape = tensors.shape(row);
    const held = tensors.at(row, event);
    const isWhole = held?.isCurrent === true && held.stride === 1 && held.values.length <= left;
    if (isWhole) left -= held.values.length;
    // A copy, because the recording's column may be replaced by a longer one.
    return { shape, dtype: tensors.dtype(row), values: isWhole ? Float64Array.from(held.values) : null };
  };
  const tensorsOf = (operands: readonly Operand[], event: number): (RecordedTensor | null)[] =>
    operands.map((one) => (one?.kind === "tensor" ? tensorAt(one.row, event) : null));
  const call: RecordedCall = {
    name: timeline.name(op),
    node: timeline.name(node),
    attrs: attributesOf(op, timeline),
    // An op in place read what was there before it.
    inputs: timeline
      .inputs(op)
      .map((one) => (one?.kind === "tensor" ? tensorAt(one.row, op - 1) : (one?.value ?? null))),
    outputs: tensorsOf(timeline.outputs(op), op),
    incoming: tensorsOf(timeline.inputs(node), node),
    outgoing: tensorsOf(timeline.outputs(node), node),
  };
  return evaluator.derivatives(call);
}

function attributesOf(op: number, timeline: Timeline): unknown {
  const detail = timeline.detail(op);
  return detail.startsWith("{") ? (JSON.parse(detail) as unknown) : undefined;
}

/** A derivative as a row: a number, factors, a small Jacobian; else how large it is, or why it is not known. */
export function shownDerivative(
  name: string,
  derivative: LocalDerivative,
  result: readonly number[],
  input: readonly number[],
): Shown {
  const { formula } = derivative;
  const said = formula === null ? [] : [plain("passed on as", formula)];
  switch (derivative.kind) {
    case "elementwise": {
      const [first = Number.NaN, ...others] = derivative.factors;
      const isSame = others.every((one) => Object.is(one, first));
      const value = isSame ? formatShort(first) : `${formatValues([...derivative.factors], input)}, element by element`;
      return { ...plain(name, value), children: withElements(derivative.factors, input, said) };
    }
    case "jacobian": {
      const { rows, columns, values } = derivative;
      const value = `Jacobian ${rows} × ${columns}${values.length <= 16 ? `: ${matrixText(values, rows, columns)}` : ""}`;
      return { ...plain(name, value), children: withElements(values, [...result, ...input], said) };
    }
    case "large": {
      const size = `Jacobian ${derivative.rows} × ${derivative.columns}, too large to write out`;
      return plain(name, formula === null ? size : `${size}; passed on as ${formula}`);
    }
    case "unknown":
      return plain(name, formula === null ? derivative.reason : `${derivative.reason} Passed on as ${formula}`);
  }
}

function withElements(values: Float64Array, shape: readonly number[], named: readonly Shown[]): Children {
  const elements = elementRows({ values, stride: 1, version: 0, since: 0, isCurrent: true }, shape, 0, null);
  return { ...elements, named: () => named, namedCount: named.length };
}

function matrixText(values: Float64Array, rows: number, columns: number): string {
  const row = (i: number): string =>
    `[${Array.from(values.subarray(i * columns, (i + 1) * columns), formatShort).join(", ")}]`;
  return `[${Array.from({ length: rows }, (_, i) => row(i)).join(", ")}]`;
}
