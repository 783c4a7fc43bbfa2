import { EventKind } from "../../../engine/recording/schema.ts";
import type { GradientSession } from "./session.ts";
import { type Move, onwards, stepTo } from "./stops.ts";
import { maskOf, start, stepKinds } from "./timeline.ts";

type Way = 1 | -1;

/** To the next event at this level: what a module, a composite op or a backward does inside is left out. */
export function over(session: GradientSession, direction: Way): Move {
  const { timeline, position } = session;
  const move = stepTo(direction, levelOf(session), timeline);
  const wants = (event: number): boolean => move.wants(event) && isWhole(event, session);
  return { ...move, wants: position === start ? (event) => timeline.isStep(event) : wants };
}

/** Ops of one call count as one, and so do their nodes. */
function isWhole(event: number, { timeline }: GradientSession): boolean {
  const kind = timeline.kind(event);
  return (kind !== EventKind.op && kind !== EventKind.node) || timeline.runs.isCallStart(event);
}

/** To the very next event. */
export function into(session: GradientSession, direction: Way): Move {
  return stepTo(direction, Number.MAX_SAFE_INTEGER, session.timeline);
}

/** Out of the module, or out of backward. Where there is nothing around, to the next breakpoint. */
export function outOf(session: GradientSession, direction: Way): Move {
  const level = levelOf(session);
  return level === 0 ? onwards(direction) : stepTo(direction, level - 1, session.timeline);
}

/** To the next node of backward. */
export function toNode(session: GradientSession, direction: Way): Move {
  return stepTo(direction, Number.MAX_SAFE_INTEGER, session.timeline, maskOf(EventKind.node));
}

/** To the next event of a line, wherever it lies. */
export function toLine(session: GradientSession, file: string, line: number, direction: Way): Move {
  const { timeline } = session;
  const wants = (event: number): boolean => {
    const site = timeline.site(event);
    return timeline.isStep(event) && site?.file === file && site.line === line;
  };
  return { direction, wants, kinds: stepKinds, level: Number.MAX_SAFE_INTEGER, reason: "goto" };
}

/** To an event that may not have happened yet. */
export function toEvent(direction: Way, wanted: number): Move {
  const wants = (event: number): boolean => (direction === 1 ? event >= wanted : event <= wanted);
  return { direction, wants, kinds: stepKinds, level: Number.MAX_SAFE_INTEGER, reason: "goto" };
}

/** A leaf's accumulation and the like lie as deep as the nodes before them. */
function levelOf({ timeline, position }: GradientSession): number {
  return position === start ? Number.MAX_SAFE_INTEGER : timeline.level(position);
}
