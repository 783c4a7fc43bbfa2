import { EventKind } from "../../schema.ts";
import { once, type Parts } from "../parts.ts";
import type { Place } from "../rows.ts";
import type { ChainLink, Evidence, Finding, Origin } from "./alert.ts";
import type { History } from "./history.ts";
import { result, wordsFor } from "./nonFinite/causes.ts";
import { type Fault, type FaultTracker, faultsInParts } from "./nonFinite/faults.ts";
import { growsFromStepToStep } from "./training/depth.ts";
import { indicesOf, nameOf, shapeText } from "./words.ts";

type Kind = "nan" | "inf" | "nan-loss";

/** More links of a chain than this are left out of its middle. */
const MAX_CHAIN = 32;

/** Births of NaN and Inf that came to light, one finding for each line and cause. */
export function* badNumbers(history: History, kind: Kind): Parts<readonly Finding[]> {
  return (yield* allBadNumbers.inParts(history)).get(kind) ?? [];
}

const allBadNumbers = once(function* (history: History): Parts<ReadonlyMap<Kind, readonly Finding[]>> {
  const tracker = yield* faultsInParts(history);
  yield;
  const groups = new Map<string, Finding & { count: number; kind: Kind }>();
  // When a training has gone astray, everything overflows: only the first is told, unless the growth itself is.
  const grows = growsFromStepToStep(history);
  let hasFault = false;
  for (const fault of tracker.faults) {
    if (!comesToLight(history, fault)) continue;
    const isLate = isOverflow(fault) && (history.stepOf(fault.event) ?? 0) > 0;
    if (hasFault && isLate) continue;
    hasFault = true;
    const kind = kindOf(history, fault);
    const place = placeOf(history, fault);
    const key = [kind, place?.file, place?.line, place?.column, fault.cause, opOf(history, fault)].join();
    const group = groups.get(key);
    const unless = grows && isLate ? ["exploding"] : [];
    if (group !== undefined) group.count++;
    else groups.set(key, { ...describe(history, tracker, fault, kind), kind, unless, count: 1 });
  }
  const all = [...groups.values()];
  const kinds: readonly Kind[] = ["nan", "inf", "nan-loss"];
  return new Map(kinds.map((kind) => [kind, all.filter((one) => one.kind === kind).map(withoutKind)]));
});

const withoutKind = ({ kind: _kind, ...finding }: Finding & { kind: Kind }): Finding => finding;

const isOverflow = ({ cause }: Fault): boolean => cause === "overflow" || cause === "";

function comesToLight(history: History, fault: Fault): boolean {
  if (fault.given || fault.merged || fault.surface === "none") return false;
  return fault.surface !== "gradient" || !isHandled(history, fault);
}

/** A program that looks at its gradients and leaves the step out when they are bad needs no alert. */
function isHandled(history: History, fault: Fault): boolean {
  if (history.steps.length === 0 || fault.used) return false;
  const grad = history.rows.grad(fault.shown);
  return grad !== null && grad.nan === 0 && grad.inf === 0;
}

function kindOf(history: History, fault: Fault): Kind {
  const { loss } = fault;
  if (loss === null || fault.nan === 0) return fault.nan === 0 ? "inf" : "nan";
  const { health, value } = history.recording.tables.events.column;
  const isNan = fault.surface === "loss" && Number.isNaN(value[loss.start]);
  const staysFinite = loss.accumulates.every((event) => health[event] === 0);
  const reached = loss.accumulates.length > 0 || (loss.wanted.length > 0 && !fault.spreads);
  return isNan && staysFinite && reached ? "nan-loss" : "nan";
}

function describe(history: History, tracker: FaultTracker, fault: Fault, kind: Kind): Finding {
  const { births, tensors } = history.recording.tables;
  const place = placeOf(history, fault);
  const op = opOf(history, fault);
  const shown = fault.birth === -1 ? fault.shown : births.column.tensor[fault.birth];
  const shape = history.recording.shapes[tensors.column.shape[shown]];
  const element = fault.birth === -1 ? null : indicesOf(births.column.element[fault.birth], shape);
  const value = fault.birth === -1 ? Number.NaN : births.column.value[fault.birth];
  const values = valuesOf(history, fault);
  const words = wordsFor(fault.cause);
  const what = words?.what({ op, values, value, phase: fault.phase }) ?? unknownWords(fault, op, value);
  const where = element === null || element.length === 0 ? "" : ` at element ${shapeText(element)}`;
  const origin: Origin = {
    op,
    phase: fault.phase,
    place,
    event: fault.event,
    element,
    cause: fault.cause === "" ? null : fault.cause,
  };
  return {
    place,
    message: `${upper(subject(history, fault, what))}${where}${became(history, fault, value)}${consequence(history, fault, kind)}.`,
    step: history.stepOf(fault.event),
    origin,
    chain: chainOf(history, tracker, fault),
    fix: words?.fix ?? null,
    evidence: evidenceOf(history, fault, values),
    tensors: fault.shown === 0 ? [] : [fault.shown],
    event: fault.event,
  };
}

function subject(history: History, fault: Fault, what: string): string {
  if (fault.data === 0) return what;
  return what.replace("the data", nameOf(history, fault.data, "the data"));
}

function unknownWords(fault: Fault, op: string, value: number): string {
  if (fault.phase === "backward") return `the gradient of ${op}() is ${result(value)} although its values are finite`;
  return `${op}() gives ${result(value)} although its inputs are finite`;
}

function became(history: History, fault: Fault, value: number): string {
  if (fault.nan === 0 || fault.nan === fault.event || Number.isNaN(value)) return "";
  return `, which becomes NaN in ${phrase(history, fault.nan)}`;
}

function phrase(history: History, event: number): string {
  const { kind } = history.recording.tables.events.column;
  const op = opOfEvent(history, event);
  return kind[event] === EventKind.node ? `the backward of ${op}()` : `${op}()`;
}

function consequence(history: History, fault: Fault, kind: Kind): string {
  const bad = fault.nan === 0 ? "infinite" : "NaN";
  switch (fault.surface) {
    case "loss":
      return kind === "nan-loss"
        ? ", so the loss is NaN although its gradients are finite"
        : `, so the loss${named(history, fault.shown)} is ${bad}`;
    case "gradient":
      return `, so the gradient${of(history, fault.shown)} is ${bad}`;
    case "value":
      return history.rows.label(fault.shown) === null ? "" : `, so ${nameOf(history, fault.shown)} is ${bad}`;
    default:
      return "";
  }
}

const named = (history: History, tensor: number): string => {
  const label = history.rows.label(tensor);
  return label === null || label === "loss" ? "" : ` ${nameOf(history, tensor)}`;
};

const of = (history: History, tensor: number): string =>
  history.rows.label(tensor) === null ? "" : ` of ${nameOf(history, tensor)}`;

const upper = (text: string): string =>
  /^[a-z]+[ (]/.test(text) && !/^\w+\(/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;

function valuesOf(history: History, fault: Fault): number[] {
  if (fault.birth === -1) return [];
  const { births, values } = history.recording.tables;
  const start = births.column.values[fault.birth];
  return Array.from(values.column.value.subarray(start, start + births.column.valueCount[fault.birth]));
}

function evidenceOf(history: History, fault: Fault, values: readonly number[]): Evidence[] {
  const forward = forwardOf(history, fault.event);
  const inputs = forward === 0 ? [] : [...history.rows.inputs(forward)];
  const isPointwise = values.length === inputs.length + (fault.phase === "backward" ? 1 : 0);
  return values.flatMap((value, i) => {
    if (Number.isNaN(value)) return [];
    if (!isPointwise) return [{ label: `value ${i}`, value }];
    if (i >= inputs.length) return [{ label: "result", value }];
    return [{ label: (inputs[i] === 0 ? null : history.rows.label(inputs[i])) ?? `input ${i}`, value }];
  });
}

/** The forward op of an event; the event itself when it is one. */
function forwardOf(history: History, event: number): number {
  const { kind, node } = history.recording.tables.events.column;
  if (kind[event] === EventKind.node) return history.rows.forwardEvent(node[event]);
  return kind[event] === EventKind.op ? event : 0;
}

function opOfEvent(history: History, event: number): string {
  const forward = forwardOf(history, event);
  const name = history.name(forward === 0 ? event : forward);
  return name.endsWith("_") ? name.slice(0, -1) : name;
}

function opOf(history: History, fault: Fault): string {
  if (fault.data !== 0 && fault.cause !== "hook" && fault.phase === "forward") return "tensor";
  return fault.event === 0 ? "tensor" : opOfEvent(history, fault.event);
}

function placeOf(history: History, fault: Fault): Place | null {
  if (fault.inner !== null) return fault.inner;
  if (fault.data !== 0 && fault.phase === "forward") return history.rows.place(fault.data);
  const forward = forwardOf(history, fault.event);
  return history.place(forward === 0 ? fault.event : forward);
}

function chainOf(history: History, tracker: FaultTracker, fault: Fault): ChainLink[] {
  const { kind } = history.recording.tables.events.column;
  const path = tracker.path(fault);
  const half = MAX_CHAIN / 2;
  const kept = path.length <= MAX_CHAIN ? path : [...path.slice(0, half), ...path.slice(-half)];
  return kept.map((event) => {
    const forward = forwardOf(history, event);
    return {
      op: opOfEvent(history, event),
      phase: kind[event] === EventKind.op ? "forward" : "backward",
      place: history.place(forward === 0 ? event : forward),
      event,
    };
  });
}
