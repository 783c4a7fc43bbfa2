import type { StopTable } from "../../../engine/recording/debugging/debugContract.ts";
import { noStops } from "../../../engine/recording/debugging/debugContract.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { type Breakpoint, limitOf } from "./breakpoints.ts";
import { kindsFor } from "./matching.ts";
import { maskOf, stepKinds, type Timeline } from "./timeline.ts";

/** A way of moving along the timeline. */
export interface Move {
  readonly direction: 1 | -1;
  /** Whether to stop at an event; its breakpoints left aside. */
  readonly wants: (event: number) => boolean;
  /** Of what the running program reports: events of these kinds that lie no deeper. */
  readonly kinds: number;
  readonly level: number;
  /** What a stop at such an event is called. */
  readonly reason: "step" | "goto";
}

/** Goes on until a breakpoint. */
export function onwards(direction: 1 | -1): Move {
  return { direction, wants: () => false, kinds: 0, level: -1, reason: "step" };
}

/** Steps from one event to another, whatever lies between being left out when it lies deeper than `level`. */
export function stepTo(direction: 1 | -1, level: number, timeline: Timeline, kinds = stepKinds): Move {
  const wants = (event: number): boolean =>
    ((1 << timeline.kind(event)) & kinds) !== 0 && timeline.level(event) <= level;
  return { direction, wants, kinds, level, reason: "step" };
}

/** Where else a program stops, as the launch configuration says. */
export const stopOnKinds: Readonly<Record<string, number>> = {
  forward: maskOf(EventKind.op),
  backward: maskOf(EventKind.backwardStart),
  node: maskOf(EventKind.node),
  accumulate: maskOf(EventKind.accumulate),
  hook: maskOf(EventKind.hook),
  optimizer: maskOf(EventKind.optimizerStart),
  module: maskOf(EventKind.scopeStart),
};

/** What the running program must report so that no breakpoint and no step is missed. */
export function tableFor(
  breakpoints: readonly Breakpoint[],
  move: Move,
  stopOn: number,
  timeline: Timeline,
  keepValues: boolean,
): StopTable {
  let { kinds, bad, above, below, inPlace } = noStops;
  const names: string[] = [];
  const lines = new Set<string>();
  kinds |= stopOn;
  for (const breakpoint of breakpoints) {
    kinds |= kindsFor(breakpoint);
    if (breakpoint.kind === "line") lines.add(`${breakpoint.line} ${breakpoint.file}`);
    else if (breakpoint.kind === "function") names.push(...spellings(breakpoint.name));
    else if (breakpoint.kind === "data")
      inPlace ||= breakpoint.watch.what === "value" || breakpoint.watch.what === "version";
    else if (breakpoint.filter === "nan-forward" || breakpoint.filter === "nonfinite-gradient") bad = true;
    else if (breakpoint.filter === "exploding") above = limitOf("exploding", breakpoint.condition) ?? above;
    else if (breakpoint.filter === "vanishing") below = limitOf("vanishing", breakpoint.condition) ?? below;
  }
  const sites = lines.size === 0 ? [] : [...timeline.recording.sites.values()];
  return {
    sites: sites.filter(({ file, line }) => lines.has(`${line} ${file}`)).map(({ id }) => id),
    names,
    kinds,
    bad,
    above,
    below,
    inPlace,
    stepKinds: move.kinds,
    stepLevel: move.level,
    keepValues,
  };
}

/** `MulBackward` stands for `MulBackward0`, `MulBackward1`, … */
function spellings(name: string): string[] {
  return /Backward$/.test(name) ? [name, ...Array.from({ length: 10 }, (_, i) => `${name}${i}`)] : [name];
}
