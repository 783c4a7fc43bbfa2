import { formatNumber } from "../../numbers.ts";
import type { Finding } from "../alert.ts";
import type { Clip, History } from "../history.ts";

/** Clipping that comes after the step that used the gradients. */
export function clipAfterStep(history: History): Finding[] {
  const late = history.clips.filter((clip) => Number.isFinite(clip.limit) && isUsedUp(history, clip));
  if (late.length === 0) return [];
  const [clip] = late;
  const step = history.steps.findLast(({ end }) => end < clip.event);
  const place = step === undefined ? null : history.place(step.start);
  return [
    {
      place: history.place(clip.event),
      message: `Gradients are clipped after the step that used them${place === null ? "" : ` (line ${place.line})`}: it has no effect.`,
      step: step?.index ?? history.stepOf(clip.event),
      count: late.length,
      evidence: clip.norm === null ? [] : [{ label: "gradient norm", value: clip.norm }],
      related: place === null ? [] : [{ place, message: "the step that used them" }],
      event: clip.event,
    },
  ];
}

/** Whether a step has used every gradient that is clipped and nothing was added to them since. */
function isUsedUp(history: History, { event, gradients }: Clip): boolean {
  if (gradients.length === 0) return false;
  const used = new Map<number, number>();
  for (const step of history.steps) {
    if (step.end > event) break;
    for (const gradient of step.gradients) if (gradient !== 0) used.set(gradient, step.end);
  }
  const added = lastAdditions(history, event);
  return [...gradients].every((gradient) => (used.get(gradient) ?? 0) > (added.get(gradient) ?? 0));
}

/** The last accumulation into each gradient before an event. */
function lastAdditions(history: History, before: number): Map<number, number> {
  const added = new Map<number, number>();
  for (const backward of history.backwards) {
    if (backward.start > before) break;
    for (const event of backward.accumulates) {
      const own = history.rows.outputs(event)[1];
      if (own !== undefined && event < before) added.set(own, event);
    }
  }
  return added;
}

/** Clipping by a norm that is NaN or infinite, which makes every gradient bad, and a step with them. */
export function clipNonFinite(history: History): Finding[] {
  const bad = history.clips.filter((clip) => isBad(clip) && isUsed(history, clip));
  if (bad.length === 0) return [];
  const [clip] = bad;
  const effect = Number.isNaN(clip.norm) ? "makes all of them NaN" : "makes all of them 0 or NaN";
  return [
    {
      place: history.place(clip.event),
      message: `Gradients are clipped by a total norm of ${formatNumber(clip.norm ?? Number.NaN)}, which ${effect}, and the step uses them.`,
      step: history.stepOf(clip.event),
      count: bad.length,
      evidence: [{ label: "gradient norm", value: clip.norm ?? Number.NaN }],
      event: clip.event,
    },
  ];
}

const isBad = ({ norm }: Clip): boolean => norm !== null && !Number.isFinite(norm);

function isUsed(history: History, { event, gradients }: Clip): boolean {
  const next = history.steps.find(({ start }) => start > event);
  return next?.gradients.some((gradient) => gradients.includes(gradient)) ?? false;
}
