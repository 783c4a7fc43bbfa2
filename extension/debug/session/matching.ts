import { EventKind } from "../../../engine/recording/schema.ts";
import { type Breakpoint, type DataWatch, limitOf } from "./breakpoints.ts";
import type { Names } from "./names.ts";
import type { Sources } from "./sources.ts";
import type { Tensors } from "./tensors.ts";
import { maskOf, type Timeline } from "./timeline.ts";

/** What matching reads. */
export interface MatchParts {
  readonly timeline: Timeline;
  readonly tensors: Tensors;
  readonly names: Names;
}

const callKinds = maskOf(
  EventKind.op,
  EventKind.scopeStart,
  EventKind.backwardStart,
  EventKind.optimizerStart,
  EventKind.zeroGrad,
  EventKind.clip,
  EventKind.refused,
);

/** Whether an event is one at which a breakpoint stops, its conditions left aside. */
export function matches(breakpoint: Breakpoint, event: number, parts: MatchParts): boolean {
  switch (breakpoint.kind) {
    case "line":
      return matchesLine(breakpoint, event, parts.timeline);
    case "function":
      return matchesName(breakpoint.name, event, parts.timeline);
    case "data":
      return matchesData(breakpoint.watch, event, parts);
    case "exception":
      return matchesFilter(breakpoint, event, parts.timeline);
  }
}

function matchesLine(
  { file, line, mode }: Extract<Breakpoint, { kind: "line" }>,
  event: number,
  timeline: Timeline,
): boolean {
  const site = timeline.site(event);
  if (site === null || site.line !== line || site.file !== file || !timeline.runs.isFirst(event)) return false;
  if (timeline.kind(event) === EventKind.node) return mode !== "forward";
  return mode !== "backward" && is(timeline.kind(event), callKinds);
}

/** Whether an op, a node of backward or a module of that name has been seen. */
function isKnownName(name: string, timeline: Timeline): boolean {
  for (let event = 1; event <= timeline.last; event++) if (matchesName(name, event, timeline)) return true;
  return false;
}

/**
 * Why a breakpoint on a name or a tensor may never be hit: neither what ran nor a file of the run has that name. What a
 * library makes may still come. Null when nothing speaks against it.
 */
export function whyUnknown(breakpoint: Breakpoint, { timeline, names }: MatchParts, sources: Sources): string | null {
  if (breakpoint.kind === "function") {
    const { name } = breakpoint;
    const made = name.replace(/Backward\d*$/, "");
    // MulBackward0 is made by mul, CubeBackward by the user's Cube.
    const words = [name, made, made.charAt(0).toLowerCase() + made.slice(1)];
    const isKnown = isKnownName(name, timeline) || words.some((word) => sources.mentions(word));
    return isKnown ? null : `No op, node or module called ${name} is known yet.`;
  }
  if (breakpoint.kind !== "data" || breakpoint.watch.name === null) return null;
  const { name } = breakpoint.watch;
  const isKnown = names.find(name, timeline.last + 1) !== null || sources.mentions(name.split(".").at(-1) ?? name);
  return isKnown ? null : `No tensor is called ${name} yet.`;
}

/** By the name of an op, of a backward node with or without its number, of a module or its class. */
function matchesName(name: string, event: number, timeline: Timeline): boolean {
  const kind = timeline.kind(event);
  if (!timeline.isStep(event)) return false;
  const own = timeline.name(event);
  if (own === name) return true;
  if (kind === EventKind.node) return own.replace(/\d+$/, "") === name;
  return kind === EventKind.scopeStart && timeline.moduleType(event) === name;
}

function matchesFilter(
  { filter, condition }: Extract<Breakpoint, { kind: "exception" }>,
  event: number,
  timeline: Timeline,
): boolean {
  const kind = timeline.kind(event);
  switch (filter) {
    case "nan-forward":
      return kind === EventKind.op && isNan(timeline.birthAt(event));
    case "nonfinite-gradient":
      return kind === EventKind.node && timeline.birthAt(event) !== null;
    case "exploding":
    case "vanishing": {
      const limit = limitOf(filter, condition);
      if (limit === null) return false;
      return timeline.crossings.isFirst(event, filter === "exploding" ? "above" : "below", limit);
    }
    case "autograd-error":
      return kind === EventKind.refused || kind === EventKind.failed;
    case "uncaught":
      return false;
  }
}

function matchesData(watch: DataWatch, event: number, parts: MatchParts): boolean {
  const { timeline, tensors } = parts;
  const kind = timeline.kind(event);
  switch (watch.what) {
    case "value":
    case "version":
      return writes(watch, event, parts);
    case "grad-hook":
      return changesByHook(event, timeline) && isWatched(watch, gradientOwner(event, parts), parts);
    case "grad-set":
      return changesGradient(watch, event, parts) && wasUnset(watch, event, parts);
    case "grad":
      return changesGradient(watch, event, parts);
    case "grad-nonfinite":
      return changesGradient(watch, event, parts) && hasBadGradient(event, parts);
    case "grad-norm":
      // The condition says what norm; without one any gradient does.
      return changesGradient(watch, event, parts);
  }

  function wasUnset(one: DataWatch, at: number, { names }: MatchParts): boolean {
    const tensor = one.name === null ? one.tensor : (names.find(one.name, at) ?? 0);
    return kind === EventKind.node || tensors.gradient(tensor, at - 1) === 0;
  }
}

/** Whether an event changes what a tensor holds. */
function writes(watch: DataWatch, event: number, parts: MatchParts): boolean {
  const { timeline, tensors, names } = parts;
  if (timeline.kind(event) === EventKind.op) {
    return tensors.overwritten(event).some((tensor) => isWatched(watch, tensor, parts));
  }
  if (timeline.kind(event) !== EventKind.optimizerEnd) return false;
  const tensor = watch.name === null ? watch.tensor : (names.find(watch.name, event) ?? 0);
  return tensor !== 0 && tensors.lastWrite(tensor, event) === event;
}

/** A hook that only looks gives nothing. */
function changesByHook(event: number, timeline: Timeline): boolean {
  const [after = null] = timeline.kind(event) === EventKind.hook ? timeline.outputs(event) : [];
  return after !== null;
}

/** Whether a gradient of the watched tensor arrives or is put away. */
function changesGradient(watch: DataWatch, event: number, parts: MatchParts): boolean {
  const { timeline, tensors, names } = parts;
  const kind = timeline.kind(event);
  if (kind === EventKind.zeroGrad || kind === EventKind.clip) {
    const tensor = watch.name === null ? watch.tensor : (names.find(watch.name, event) ?? 0);
    return watch.what === "grad" && tensors.gradient(tensor, event) !== tensors.gradient(tensor, event - 1);
  }
  if (kind !== EventKind.accumulate && kind !== EventKind.node && kind !== EventKind.hook) return false;
  return isWatched(watch, gradientOwner(event, parts), parts);
}

/** The tensor whose gradient an event brings: the leaf, the tensor of a hook, or the result of the op that a node belongs to. */
export function gradientOwner(event: number, { timeline }: Pick<MatchParts, "timeline">): number {
  const [first, second] = timeline.inputs(event);
  if (timeline.kind(event) === EventKind.accumulate) return first?.kind === "tensor" ? first.row : 0;
  if (timeline.kind(event) === EventKind.hook) {
    if (second?.kind === "tensor") return second.row;
    // What a node hands on belongs to what its op took, and it is not told to which of them.
    if (timeline.name(event) === "node") return 0;
  }
  const forward = timeline.forwardOf(event);
  if (forward === 0) return 0;
  const [out] = timeline.outputs(forward);
  return out?.kind === "tensor" ? out.row : 0;
}

function isWatched({ name, tensor }: DataWatch, row: number, { names }: MatchParts): boolean {
  if (row === 0) return false;
  return name === null ? row === tensor : names.nameOf(row) === name;
}

function hasBadGradient(event: number, { timeline, tensors }: MatchParts): boolean {
  if (timeline.kind(event) !== EventKind.node) return timeline.health(event) !== 0;
  const [arrived] = timeline.inputs(event);
  if (arrived?.kind !== "tensor") return false;
  const found = tensors.statistics(arrived.row, event);
  return found !== null ? found.nan + found.inf > 0 : !Number.isFinite(timeline.value(event));
}

function isNan(birth: { readonly value: number } | null): boolean {
  return birth !== null && Number.isNaN(birth.value);
}

const is = (kind: number, mask: number): boolean => (mask & (1 << kind)) !== 0;

/** What of an event the running program is to report for a breakpoint: never too little. */
export function kindsFor(breakpoint: Breakpoint): number {
  if (breakpoint.kind === "data") {
    return breakpoint.watch.what === "value" || breakpoint.watch.what === "version"
      ? maskOf(EventKind.optimizerEnd)
      : maskOf(EventKind.accumulate, EventKind.node, EventKind.hook, EventKind.zeroGrad, EventKind.clip);
  }
  if (breakpoint.kind === "function") return maskOf(EventKind.scopeStart);
  const isError = breakpoint.kind === "exception" && breakpoint.filter === "autograd-error";
  return isError ? maskOf(EventKind.refused, EventKind.failed) : 0;
}
