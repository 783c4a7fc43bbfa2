import { EventKind } from "../../../engine/recording/schema.ts";
import type { Evaluator } from "../evaluator/evaluator.ts";
import type { Evaluated, SentTensor, SentValue } from "../evaluator/messages.ts";
import { gradientOwner } from "./matching.ts";
import type { Names } from "./names.ts";
import type { Tensors } from "./tensors.ts";
import type { Operand, Timeline } from "./timeline.ts";

/** What expressions read. */
export interface ExpressionParts {
  readonly timeline: Timeline;
  readonly tensors: Tensors;
  readonly names: Names;
  readonly evaluator: Evaluator;
}

/**
 * Evaluates an expression over the tensors as they were at an event: by the names that the user gave them, and `value`
 * and `grad` for what the event is about. Never rejects.
 */
export function evaluateAt(expression: string, event: number, parts: ExpressionParts): Promise<Evaluated> {
  return parts.evaluator.evaluate(expression, namesIn(expression, event, parts));
}

/** The tensors whose values an expression reads, gradients among them. */
export function tensorsIn(expression: string, event: number, parts: ExpressionParts): number[] {
  const mentioned = mentionedIn(expression, event, parts).flatMap(([, operand]) =>
    operand?.kind === "tensor" ? [operand.row] : [],
  );
  const gradients = /\bgrad\b/.test(expression) ? mentioned.map((row) => parts.tensors.gradient(row, event)) : [];
  return [...new Set([...mentioned, ...gradients])].filter((row) => row !== 0);
}

/** Only what an expression mentions is sent. */
function namesIn(expression: string, event: number, parts: ExpressionParts): [string, SentValue][] {
  const found = mentionedIn(expression, event, parts).map(([name, operand]): [string, SentValue] => [
    name,
    sendOperand(operand, event, parts),
  ]);
  return [...found, ...namesToCome(event, parts)];
}

function mentionedIn(expression: string, event: number, parts: ExpressionParts): [string, Operand][] {
  const words = new Set(expression.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
  const found = eventOperands(event, parts).filter(([name]) => words.has(name));
  for (const { name, tensor } of parts.names.at(event)) {
    const [root = "", second = ""] = name.split(".");
    if (words.has(root) || (root === "this" && words.has(second))) found.push([name, { kind: "tensor", row: tensor }]);
  }
  return found;
}

/** The names that the line of an op is about to declare: whoever writes a condition for the line may think of them. */
function namesToCome(event: number, { timeline }: ExpressionParts): [string, SentValue][] {
  const site = timeline.site(event);
  if (site === null || timeline.kind(event) !== EventKind.op) return [];
  const here = [...timeline.recording.names.values()].filter(
    ({ file, line, assignment }) => file === site.file && line === site.line && assignment === "declare",
  );
  return here.map(({ name }) => [
    name,
    {
      kind: "unavailable",
      reason: `${name} gets its value when this line is through: write value for what the op gave.`,
    },
  ]);
}

/** The words by which conditions speak of the event itself. */
export function eventOperands(
  event: number,
  { timeline, tensors }: Omit<ExpressionParts, "evaluator" | "names">,
): [string, Operand][] {
  const inputs = timeline.inputs(event);
  const outputs = timeline.outputs(event);
  const owner = gradientOwner(event, { timeline });
  const ownTensor: Operand = owner === 0 ? null : { kind: "tensor", row: owner };
  switch (timeline.kind(event)) {
    case EventKind.op:
      return [
        ["value", outputs[0] ?? null],
        ["output", outputs[0] ?? null],
        ["input", inputs[0] ?? null],
      ];
    case EventKind.node:
      return [
        ["value", ownTensor],
        ["grad", inputs[0] ?? null],
        ["gradOutput", inputs[0] ?? null],
        ["gradInput", outputs.find((one) => one !== null) ?? null],
      ];
    case EventKind.accumulate: {
      const gradient = tensors.gradient(owner, event) || rowOf(outputs[1]);
      return [
        ["value", ownTensor],
        ["grad", gradient === 0 ? null : { kind: "tensor", row: gradient }],
        ["gradOutput", outputs[0] ?? null],
      ];
    }
    case EventKind.hook:
      return [
        ["value", ownTensor],
        ["grad", outputs[0] ?? inputs[0] ?? null],
        ["before", inputs[0] ?? null],
      ];
    case EventKind.backwardStart:
      return [["value", inputs[0] ?? null]];
    default:
      return [
        ["value", null],
        ["grad", null],
      ];
  }
}

function rowOf(operand: Operand | undefined): number {
  return operand?.kind === "tensor" ? operand.row : 0;
}

function sendOperand(operand: Operand, event: number, parts: ExpressionParts): SentValue {
  if (operand === null) return { kind: "null" };
  return operand.kind === "number" ? operand : send(operand.row, event, parts);
}

function send(tensor: number, event: number, { tensors, names }: ExpressionParts): SentValue {
  const copy = copyOf(tensor, event, tensors);
  if (typeof copy === "string") {
    return { kind: "unavailable", reason: `${names.nameOf(tensor) ?? "This tensor"} is not to be had here: ${copy}` };
  }
  const gradient = tensors.gradient(tensor, event);
  const grad = gradient === 0 ? null : copyOf(gradient, event, tensors);
  return { kind: "tensor", tensor: { ...copy, grad: typeof grad === "string" ? null : grad } };
}

function copyOf(tensor: number, event: number, tensors: Tensors): SentTensor | string {
  const held = tensors.at(tensor, event);
  if (held === null) return "its values were not kept.";
  if (held.stride > 1) return `of its ${tensors.numel(tensor)} values only ${held.values.length} were kept.`;
  if (!held.isCurrent) return "it was written to since its values were kept.";
  return {
    shape: tensors.shape(tensor),
    dtype: tensors.dtype(tensor),
    requiresGrad: tensors.isLeaf(tensor, event) && tensors.requiresGrad(tensor, event),
    // A copy of its own, because the recording's column may be replaced by a longer one.
    values: Float64Array.from(held.values),
    grad: null,
  };
}
