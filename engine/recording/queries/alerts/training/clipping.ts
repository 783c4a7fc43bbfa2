import { EventKind } from "../../../schema.ts";
import { formatNumber } from "../../numbers.ts";
import { PART, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import type { Clip, History } from "../history.ts";

/** Clipping that comes after the step that used the gradients. */
export function* clipAfterStep(history: History): Parts<Finding[]> {
  const late = yield* lateClips(history);
  const [clip] = late;
  if (clip === undefined) return [];
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

/** Clips of gradients that a step has used, and to none of which anything was added since. */
function* lateClips({ clips, recording, rows }: History): Parts<Clip[]> {
  const late: Clip[] = [];
  if (clips.length === 0) return late;
  const used = new Set<number>();
  const stepped = new Map<number, Uint32Array>();
  const { kind, node } = recording.tables.events.column;
  let next = 0;
  for (let event = 1; next < clips.length; event++) {
    if (event % PART === 0) yield;
    switch (kind[event]) {
      case EventKind.accumulate:
        used.delete(rows.outputs(event)[1] ?? 0);
        break;
      case EventKind.optimizerStart:
        stepped.set(node[event], rows.outputs(event));
        break;
      case EventKind.optimizerEnd:
        for (const gradient of stepped.get(node[event]) ?? []) if (gradient !== 0) used.add(gradient);
        break;
      case EventKind.clip: {
        const clip = clips[next++];
        const isUsedUp = clip.gradients.length > 0 && clip.gradients.every((gradient) => used.has(gradient));
        if (isUsedUp && Number.isFinite(clip.limit)) late.push(clip);
        break;
      }
      default:
    }
  }
  return late;
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
  return history.stepAfter(event)?.gradients.some((gradient) => gradients.includes(gradient)) ?? false;
}
