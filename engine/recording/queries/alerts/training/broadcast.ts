import { EventKind, TensorFlag } from "../../../schema.ts";
import { PART, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { leadsToRoot } from "../gradients/cuts.ts";
import type { History } from "../history.ts";
import { nameOf, plainName, shapeText } from "../words.ts";

/** Losses that compare element by element. */
const losses = new Set(["mseLoss", "smoothL1Loss", "huberLoss", "softMarginLoss"]);
/** Those, and what losses by hand begin with. */
const comparisons = new Set([...losses, "sub", "mul"]);
/** What may stand between the difference and its mean in a loss by hand. */
const shapesError = new Set([
  ...["square", "pow", "abs", "mul", "div", "huberLoss", "clamp", "neg", "logcosh", "where"],
  ...["add", "sub"],
]);
/** What a likelihood by hand is multiplied by the target. */
const logarithms = new Set(["log", "log2", "log10", "log1p", "logsigmoid", "logSoftmax"]);
const reduces = new Set(["mean", "sum", "nansum"]);

/** A prediction `[n, 1]` against a target `[n]`: every prediction is compared with every target. */
export function* targetBroadcast(history: History): Parts<Finding[]> {
  yield* leadsToRoot.inParts(history);
  const { events } = history.recording.tables;
  const { kind, name } = events.column;
  const found = new Map<string, Finding & { count: number }>();
  // Most ops are others, so each name is looked at once.
  const compares = history.recording.strings.map((text) => comparisons.has(plainName(text)));
  for (let event = 1; event < events.rows; event++) {
    if (event % PART === 0) yield;
    if (!compares[name[event]] || kind[event] !== EventKind.op || history.backwardOf[event] !== 0) continue;
    const pair = broadcastPair(history, event);
    if (pair === null) continue;
    const place = history.place(event);
    const key = `${place?.file}:${place?.line}`;
    const known = found.get(key);
    if (known !== undefined) known.count++;
    else found.set(key, describe(history, event, pair));
  }
  return [...found.values()];
}

/** What was compared, before it was broadcast. */
interface Pair {
  readonly prediction: number;
  readonly target: number;
}

function broadcastPair(history: History, event: number): Pair | null {
  const name = plainName(history.name(event));
  if (losses.has(name)) {
    const [x, target] = history.rows.inputs(event);
    const pair = { prediction: beforeExpand(history, x, event), target: beforeExpand(history, target, event) };
    return isSquare(history, pair) ? pair : null;
  }
  const [first, second] = history.rows.inputs(event);
  if (!first || !second) return null;
  const a = beforeExpand(history, first, event);
  const b = beforeExpand(history, second, event);
  const pair = requiresGrad(history, a) ? { prediction: a, target: b } : { prediction: b, target: a };
  if (!isSquare(history, pair) || requiresGrad(history, pair.target) || !requiresGrad(history, pair.prediction))
    return null;
  if (name === "mul" && !isLogarithm(history, pair.prediction)) return null;
  if (isMeant(history, pair, event) || !becomesLoss(history, history.rows.outputs(event)[0])) return null;
  return pair;
}

/** Losses broadcast both sides by `expand`; what was given to them is the input of that. */
function beforeExpand(history: History, tensor: number, event: number): number {
  const { event: made } = history.recording.tables.tensors.column;
  const { site } = history.recording.tables.events.column;
  if (tensor === 0 || made[tensor] === 0 || history.name(made[tensor]) !== "expand") return tensor ?? 0;
  return site[made[tensor]] === site[event] ? history.rows.inputs(made[tensor])[0] : tensor;
}

/** As many elements on both sides, and the square of that many between them. */
function isSquare(history: History, { prediction, target }: Pair): boolean {
  if (prediction === 0 || target === 0) return false;
  const [a, b] = [history.rows.shape(prediction), history.rows.shape(target)];
  const n = a.reduce((product, size) => product * size, 1);
  const m = b.reduce((product, size) => product * size, 1);
  if (n !== m || n < 2 || a.join() === b.join()) return false;
  return broadcastSize(a, b) > n;
}

function broadcastSize(a: readonly number[], b: readonly number[]): number {
  let size = 1;
  for (let i = 1; i <= Math.max(a.length, b.length); i++) size *= Math.max(a[a.length - i] ?? 1, b[b.length - i] ?? 1);
  return size;
}

const requiresGrad = (history: History, tensor: number): boolean =>
  (history.recording.tables.tensors.column.flags[tensor] & TensorFlag.requiresGrad) !== 0;

function isLogarithm(history: History, tensor: number): boolean {
  const made = history.recording.tables.tensors.column.event[tensor];
  return made !== 0 && logarithms.has(history.name(made));
}

/** Whoever puts a dimension in right there wants all pairs. */
function isMeant(history: History, { prediction, target }: Pair, event: number): boolean {
  const { event: made } = history.recording.tables.tensors.column;
  const line = history.place(event)?.line;
  return [prediction, target].some((tensor) => {
    const by = made[tensor];
    if (by === 0 || history.place(by)?.line !== line) return false;
    return ["unsqueeze", "view", "reshape", "expand", "index"].includes(history.name(by));
  });
}

/** Whether a difference is squared (or the like) and then reduced to one number that is differentiated. */
function becomesLoss(history: History, difference: number): boolean {
  let tensor = difference;
  for (let hop = 0; hop < 6; hop++) {
    const event = history.consumers(tensor).find((one) => history.backwardOf[one] === 0);
    if (event === undefined) return false;
    const name = plainName(history.name(event));
    const out = history.rows.outputs(event)[0];
    if (reduces.has(name)) return history.rows.shape(out).length === 0 && leadsToRoot(history)[out] === 1;
    if (!shapesError.has(name)) return false;
    tensor = out;
  }
  return false;
}

function describe(history: History, event: number, { prediction, target }: Pair): Finding & { count: number } {
  const [a, b] = [history.rows.shape(prediction), history.rows.shape(target)];
  const n = a.reduce((product, size) => product * size, 1);
  return {
    place: history.place(event),
    message: `${plainName(history.name(event))}() broadcasts ${nameOf(history, prediction, "the prediction")} ${shapeText(a)} against ${nameOf(history, target, "the target")} ${shapeText(b)}: every prediction is compared with all ${n} targets.`,
    fix:
      a.length > b.length
        ? "reshape the target: target.reshape(prediction.shape)"
        : "reshape the prediction: prediction.reshape(target.shape)",
    step: history.stepOf(event),
    count: 1,
    evidence: [
      { label: "elements compared", value: broadcastSize(a, b) },
      { label: "elements meant", value: n },
    ],
    tensors: [prediction, target],
    event,
  };
}
