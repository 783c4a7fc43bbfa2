import type { LiveFrame } from "../../../engine/recording/debugging/debugContract.ts";
import { EventKind, type SiteRow } from "../../../engine/recording/schema.ts";
import { gradientOwner } from "./matching.ts";
import type { Names } from "./names.ts";
import { start, type Timeline } from "./timeline.ts";

/** A line of the call stack. */
export interface Frame {
  readonly name: string;
  /** Null for a place that is not known. */
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  /** Drawn weaker: a module of the library, which has no lines of the user's. */
  readonly isSubtle: boolean;
  /** Stands between the gradient's way and the call of backward: no place of its own. */
  readonly isLabel: boolean;
}

/** What frames are made of. */
export interface FrameParts {
  readonly timeline: Timeline;
  readonly names: Names;
  /** The user's frames as they really stood when the program stopped at an event, if it did. */
  readonly liveStack: readonly LiveFrame[] | null;
}

/**
 * The call stack at an event, innermost first. In backward: the node, at the line of the op that it belongs to, above
 * the frames that made that op, above the call of `backward()`.
 */
export function framesAt(event: number, parts: FrameParts): Frame[] {
  const { timeline } = parts;
  if (event === start) return [{ ...nowhere, name: "(start)", file: timeline.recording.meta.file, line: 1, column: 1 }];
  const backward = timeline.kind(event) === EventKind.backwardStart ? 0 : timeline.backwardAround(event);
  if (backward === 0) return userFrames(event, timeline, parts.liveStack);
  const { inner, call } = splitAt(backward, parts);
  const way = gradientFrames(event, { ...parts, liveStack: inner });
  const frames = userFrames(backward, timeline, call);
  return [...way, { ...nowhere, name: "⇠ backward", isLabel: true }, ...frames];
}

/** The real frames on both sides of the call of backward: code of the user's can run in the middle of it. */
function splitAt(
  backward: number,
  { timeline, liveStack }: FrameParts,
): { readonly inner: readonly LiveFrame[] | null; readonly call: readonly LiveFrame[] | null } {
  const site = timeline.site(backward);
  const at = liveStack?.findIndex(({ file, line }) => file === site?.file && line === site.line) ?? -1;
  return at < 0
    ? { inner: null, call: liveStack }
    : { inner: liveStack?.slice(0, at) ?? null, call: liveStack?.slice(at) ?? null };
}

/** The frames at the place where the program ended with an error. */
export function errorFrames(timeline: Timeline): Frame[] {
  const { error } = timeline.recording;
  if (error === null) return [];
  if (error.stack.length > 0) return error.stack.map(fromLive);
  return error.file === null
    ? [{ ...nowhere, name: error.name }]
    : [{ ...nowhere, name: error.name, file: error.file, line: error.line ?? 1, column: error.column ?? 1 }];
}

function gradientFrames(event: number, { timeline, names, liveStack }: FrameParts): Frame[] {
  const kind = timeline.kind(event);
  const label = eventLabel(event, timeline, names);
  if (kind === EventKind.op || kind === EventKind.read || kind === EventKind.scopeStart)
    return userFrames(event, timeline, liveStack);
  const forward = timeline.forwardOf(event);
  if (forward !== 0) {
    const frames = userFrames(forward, timeline, null);
    const [top] = frames;
    return top === undefined ? [{ ...nowhere, name: label }] : [{ ...top, name: label, isSubtle: false }, ...frames];
  }
  const [leaf] = timeline.inputs(event);
  const place = kind === EventKind.accumulate && leaf?.kind === "tensor" ? names.placeOf(leaf.row) : null;
  if (place !== null) return [{ ...nowhere, name: label, ...place }];
  const site = timeline.site(event);
  return [site === null ? { ...nowhere, name: label } : { ...atSite(site), name: label }];
}

/** What an event is called: `MulBackward0`, `AccumulateGrad w1`, `mul`. */
export function eventLabel(event: number, timeline: Timeline, names: Names): string {
  const name = timeline.name(event);
  switch (timeline.kind(event)) {
    case 0:
      return "start of the program";
    case EventKind.accumulate: {
      const [leaf] = timeline.inputs(event);
      const called = leaf?.kind === "tensor" ? names.nameOf(leaf.row) : null;
      return called === null ? name : `${name} ${called}`;
    }
    case EventKind.hook:
      return hookLabel(event, timeline, names);
    case EventKind.backwardStart:
      return "backward()";
    case EventKind.optimizerStart:
      return `${name}.step()`;
    case EventKind.optimizerEnd:
      return "after step()";
    case EventKind.zeroGrad:
      return "zeroGrad()";
    case EventKind.scopeStart: {
      const type = timeline.moduleType(event);
      return type === "" || type === name ? `${name}` : `${name} (${type})`;
    }
    case EventKind.refused:
      return "backward() refused";
    case EventKind.failed:
      return `${name} failed`;
    default:
      return name;
  }
}

/** `hook of w`, `prehook of the node of mul` */
function hookLabel(event: number, timeline: Timeline, names: Names): string {
  const kind = timeline.name(event);
  if (kind === "prehook" || kind === "node") {
    const op = timeline.name(timeline.forwardOf(event));
    return `${kind === "prehook" ? "prehook" : "hook"} of ${op === "" ? "a node" : `the node of ${op}`}`;
  }
  const what = kind === "postAccumulate" ? "post-accumulate hook" : "hook";
  const owner = gradientOwner(event, { timeline });
  return `${what} of ${(owner === 0 ? null : names.nameOf(owner)) ?? "a tensor"}`;
}

/** The calls around an event, told from its own place and those of the module calls around it, or as they really were. */
function userFrames(event: number, timeline: Timeline, live: readonly LiveFrame[] | null): Frame[] {
  const told = toldFrames(event, timeline);
  if (live === null || live.length <= told.filter(({ isSubtle }) => !isSubtle).length) return told;
  return [...told.filter(({ isSubtle }) => isSubtle), ...live.map(fromLive)];
}

function toldFrames(event: number, timeline: Timeline): Frame[] {
  const frames: Frame[] = [];
  let here = timeline.site(event);
  for (const call of timeline.scopesAround(event)) {
    const from = timeline.site(call);
    const type = timeline.moduleType(call);
    const module = type === "" ? timeline.name(call) : `${timeline.name(call)} (${type})`;
    if (here === null || from === null || from.id === here.id) {
      // A module of the library: its ops stand at the user's call of it.
      frames.push(here === null ? { ...nowhere, name: module } : { ...atSite(here), name: module, isSubtle: true });
    } else {
      frames.push({ ...atSite(here), name: `${functionName(here)} · ${module}` });
    }
    here = from ?? here;
  }
  if (here !== null) frames.push({ ...atSite(here), name: functionName(here) });
  return frames.length > 0 ? frames : [{ ...nowhere, name: timeline.name(event) }];
}

const functionName = ({ functionName: name }: SiteRow): string => name ?? "(main)";

const nowhere: Frame = {
  name: "",
  file: null,
  line: 0,
  column: 0,
  endLine: null,
  endColumn: null,
  isSubtle: false,
  isLabel: false,
};

function atSite({ file, line, column, endLine, endColumn }: SiteRow): Frame {
  return { ...nowhere, file, line, column, endLine, endColumn };
}

function fromLive({ function: name, file, line, column }: LiveFrame): Frame {
  return { ...nowhere, name: name ?? "(main)", file, line, column };
}
