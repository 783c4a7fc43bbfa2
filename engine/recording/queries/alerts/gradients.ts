import { TensorFlag } from "../../schema.ts";
import { type GradReason, reasonsInParts, whyNoGradient } from "../gradReason.ts";
import { counted } from "../numbers.ts";
import { PART, type Parts } from "../parts.ts";
import type { Place } from "../rows.ts";
import type { Finding } from "./alert.ts";
import { errorWith, placeOf } from "./errors/error.ts";
import { type Cut, cutOrigin, firstCut, leadsToRoot } from "./gradients/cuts.ts";
import { firstBindingOf } from "./gradients/names.ts";
import { type ZeroFactor, zeroFactor } from "./gradients/zeroFactor.ts";
import type { History } from "./history.ts";
import type { Limits } from "./rule.ts";
import { parametersLeftOut } from "./training/leftOut.ts";
import { isUpdateOfLeaf } from "./training/reassigned.ts";
import { replacedParameters } from "./training/stale.ts";
import { listed, nameOf } from "./words.ts";

/** Leaves that ask for a gradient and never get one, where that can't be meant. */
export function* gradNone(history: History): Parts<Finding[]> {
  yield* reasonsInParts(history);
  const found = new Map<string, { reason: GradReason; tensors: number[] }>();
  for (const tensor of yield* suspects(history)) {
    yield;
    const reason = reasonFor(history, tensor);
    if (reason === null) continue;
    const key = [reason.cause, reason.place?.file, reason.place?.line].join();
    const group = found.get(key) ?? { reason, tensors: [] };
    group.tensors.push(tensor);
    found.set(key, group);
  }
  return [
    ...missingByError(history),
    ...(yield* readInVain(history)),
    ...[...found.values()].map((group) => describe(history, group)),
  ];
}

/** Leaves without a gradient: those of optimizers, and without any optimizer those that the program names. */
function* suspects(history: History): Parts<number[]> {
  if (history.backwards.every(({ error }) => error !== "")) return [];
  const replaced = new Set((yield* replacedParameters.inParts(history)).map(({ old }) => old));
  const leftOut = (yield* parametersLeftOut(history, 2)).length > 0;
  const { rows } = history;
  const isTrained = history.stepsOf.size > 0;
  const asks = TensorFlag.leaf | TensorFlag.requiresGrad;
  const found: number[] = [];
  for (let tensor = 1; tensor < history.recording.tables.tensors.rows; tensor++) {
    if (tensor % PART === 0) yield;
    if ((rows.flags(tensor) & asks) !== asks || isReached(history, tensor) || replaced.has(tensor)) continue;
    if (isTrained ? !history.stepsOf.has(tensor) : rows.firstName(tensor) === undefined) continue;
    // An optimizer of the wrong model: the parameters it should have are told of.
    if (leftOut && !isRead(history, tensor)) continue;
    if (lastsToBackward(history, tensor)) found.push(tensor);
  }
  return found;
}

/** Whether an op reads it for something else than to write to it. */
const isRead = (history: History, tensor: number): boolean =>
  history.consumers(tensor).some((event) => !history.rows.outputs(event).includes(tensor));

/** Whether there was a backward after the tensor came to be. */
function lastsToBackward(history: History, tensor: number): boolean {
  const bound = firstBindingOf(history, tensor);
  // A member of a list gets its name when the list is looked at, which may be late.
  const stepped = history.stepsOf.get(tensor)?.[0]?.start ?? Number.POSITIVE_INFINITY;
  const named = Math.min(bound?.event ?? 0, stepped);
  const since = Math.max(history.recording.tables.tensors.column.event[tensor], named);
  return history.backwardAfter(since) !== undefined;
}

/** Whether a gradient arrived: in `.grad`, or on the way to somebody who asked for it. */
export function isReached(history: History, tensor: number): boolean {
  return history.accumulates.has(tensor) || history.wanted.has(tensor);
}

function reasonFor(history: History, tensor: number): GradReason | null {
  if (history.steps.length > 0) return whyNoGradient(history.rows, tensor);
  // Without an optimizer a missing gradient is a fault only where the value went into what was differentiated.
  const cut = firstCut(history, tensor);
  return cut === null || leadsToRoot(history)[cut.out] !== 1 ? null : cut;
}

const FIXES: { readonly [cause: string]: string } = {
  detached: "leave the detach() out where its gradient is wanted",
  data: "use the tensor itself instead of .data where its gradient is wanted",
  "no-grad-mode": "compute it outside noGrad and inferenceMode",
  item: "use the tensor itself instead of item()",
  copy: "use the tensors themselves: stack() or cat() instead of tensor([…])",
  "non-differentiable-op": "use something smooth instead",
  "integer-cast": "leave the conversion out, or convert what needs no gradient",
  "not-reached": "use it in what is differentiated, or take it out of the optimizer",
  reassigned: "give the optimizer the new tensor, or change the old one in place inside noGrad",
};

function describe(history: History, { reason, tensors }: { reason: GradReason; tensors: readonly number[] }): Finding {
  const names = listed(tensors.map((tensor) => nameOf(history, tensor, "a parameter")));
  const [first] = tensors;
  return {
    place: reason.place ?? history.rows.place(first),
    message: `${tensors.length === 1 ? `The gradient of ${names} is` : `The gradients of ${names} are`} null: ${tensors.length === 1 ? reason.text : plural(reason.text)}.`,
    fix: FIXES[isCut(reason) && history.name(reason.event) === "data" ? "data" : reason.cause] ?? null,
    count: tensors.length,
    related: relatedTo(history, reason.place, tensors),
    tensors,
    origin: isCut(reason) ? cutOrigin(history, reason) : null,
    event: isCut(reason) ? reason.event : 0,
  };
}

const plural = (text: string): string => text.replace(/^it was/, "they were").replace(/^its /, "their ");

const isCut = (reason: GradReason): reason is Cut => "event" in reason;

function relatedTo(history: History, place: Place | null, tensors: readonly number[]) {
  if (place === null) return [];
  return tensors.slice(0, 8).flatMap((tensor) => {
    const own = history.rows.place(tensor);
    const isElsewhere = own !== null && (own.line !== place.line || own.file !== place.file);
    return isElsewhere ? [{ place: own, message: `${nameOf(history, tensor)} has no gradient` }] : [];
  });
}

/** autograd.grad for something that it can't be asked for. */
function missingByError(history: History): Finding[] {
  const error = errorWith(history, [
    "One of the differentiated Tensors does not require grad",
    "appears to not have been used in the graph",
  ]);
  if (error === null) return [];
  const wanted = history.backwards.at(-1);
  const unused = wanted === undefined ? undefined : [...wanted.wanted].find((tensor) => tensor !== 0);
  const cut = unused === undefined ? null : firstCut(history, unused);
  const isOnWay = cut !== null && leadsToRoot(history)[cut.out] === 1;
  return [
    {
      place: isOnWay ? cut.place : placeOf(error),
      origin: isOnWay ? cutOrigin(history, cut) : null,
      message: isOnWay ? `${error.message} ${nameOf(history, unused ?? 0, "It")}: ${cut.text}.` : error.message,
      fix: "differentiate with respect to a tensor with requiresGrad that the result depends on, or pass { allowUnused: true }",
      tensors: unused === undefined ? [] : [unused],
    },
  ];
}

/** The program read `.grad` of a result, which backward does not fill. */
function* readInVain(history: History): Parts<Finding[]> {
  const places = new Map<string, { tensor: number; event: number; count: number }>();
  for (const event of history.reads) {
    if (history.name(event) !== "grad") continue;
    yield;
    const [tensor] = history.rows.inputs(event);
    // A variable that was a leaf before is another story.
    if (whyNoGradient(history.rows, tensor).cause !== "non-leaf" || history.backwards.length === 0) continue;
    if (isUpdateOfLeaf(history, tensor)) continue;
    const place = history.rows.place(tensor);
    const key = `${place?.file}:${place?.line}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { tensor, event, count: 1 });
    else known.count++;
  }
  return [...places.values()].map(({ tensor, event, count }) => ({
    place: history.rows.place(tensor),
    message: `The gradient of ${nameOf(history, tensor, "this result")} is null: it is not a leaf, and backward keeps gradients of leaves only.`,
    severity: "info",
    fix: "call retainGrad() on it before backward",
    count,
    tensors: [tensor],
    related: relatedTo(history, history.place(event), []),
    event,
  }));
}

/** Why these gradients must all be zero: an op that is flat, whatever else was zero in other backwards, or a constant in every one. */
function* fixedFactor(history: History, accumulates: readonly number[]): Parts<ZeroFactor | null> {
  const factors: (ZeroFactor | null)[] = [];
  for (const event of accumulates.toReversed()) {
    const factor = yield* zeroFactor(history, event);
    if (factor?.fixed === "flat") return factor;
    factors.push(factor);
  }
  return factors.every((factor) => factor !== null && factor.fixed !== null) ? (factors[0] ?? null) : null;
}

/** Leaves whose gradient is zero in every backward, because of a factor that is zero whatever they are. */
export function* gradZero(history: History, { backwards }: Limits): Parts<Finding[]> {
  const groups = new Map<string, { factor: ZeroFactor; tensors: number[]; count: number }>();
  for (const [tensor, events] of history.accumulates) {
    const { value } = history.recording.tables.events.column;
    if ((history.rows.flags(tensor) & TensorFlag.leaf) === 0) continue;
    if (events.some((event) => value[event] !== 0) || events.length < Math.min(backwards, history.backwards.length))
      continue;
    const factor = yield* fixedFactor(history, events.slice(-backwards));
    if (factor === null) continue;
    const place = history.place(factor.event);
    const key = `${place?.file}:${place?.line}:${factor.op}`;
    const group = groups.get(key) ?? { factor, tensors: [], count: 0 };
    group.tensors.push(tensor);
    group.count = Math.max(group.count, events.length);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ factor, tensors, count }) => ({
    place: history.place(factor.event),
    message: `The gradient of ${listed(tensors.map((tensor) => nameOf(history, tensor, "a parameter")))} is zero throughout: ${factor.text}.`,
    count,
    evidence: [{ label: counted(count, "backward"), value: 0 }],
    tensors,
    event: factor.event,
  }));
}
