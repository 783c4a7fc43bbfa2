import type { Place } from "../rows.ts";
import { ownerClasses } from "./lifetimes.ts";
import type { OpRow } from "./opTable.ts";
import type { ProfileReport } from "./profileReport.ts";

/** Names of the kinds of spans, by SpanKind. */
export const kindNames = ["other", "scope", "module", "forward", "backward", "optimizer", "gc"] as const;

/** What `gradlens profile --json` prints besides file and outcome. Times are milliseconds. Only ever add to it. */
export function profileJson(report: ProfileReport, relative: (file: string) => string): object {
  const { ops, lines, modules, memory, gc, forward, backward, steps } = report;
  const { peak, kept } = memory;
  return {
    totalMs: lines.total,
    unaccountedMs: lines.unaccounted,
    steps,
    calls: { forward, backward },
    ops: ops.map((row) => opJson(row, relative)),
    lines: lines.lines.map((line) => ({
      file: relative(line.file),
      line: line.line,
      forwardMs: line.forward,
      backwardMs: line.backward,
      savedBytes: line.saved,
      calls: line.calls,
    })),
    modules: modules.map(({ name, type, parent, calls, ...costs }) => ({
      ...{ name, type: type || null, parent: parent === -1 ? null : parent, calls },
      ...{ forwardMs: costs.forward, forwardSelfMs: costs.forwardSelf, backwardMs: costs.backward },
      ...{ flops: costs.flops, backwardFlops: costs.backwardFlops, bytes: costs.bytes },
    })),
    memory: {
      peakBytes: peak.bytes,
      peakMs: peak.time,
      owners: Object.fromEntries(ownerClasses.map((owner, i) => [owner, peak.byOwner[i]])),
      keptBytes: kept.bytes,
      keptLines: kept.lines.map(({ place, bytes, count }) => ({ ...at(place, relative), bytes, count })),
      checkpoints: kept.checkpoints,
    },
    gc: { count: gc.count, totalMs: gc.total },
  };
}

/** A row of the table of ops for JSON. */
export function opJson(row: OpRow, relative: (file: string) => string): object {
  const { name, kind, place, module, count, self, total, share, flops, bytes, moved } = row;
  const costs = { count, selfMs: self, totalMs: total, share, flops, bytes, moved };
  return { name, kind: kindNames[kind], ...at(place, relative), module, ...costs };
}

const at = (place: Place | null, relative: (file: string) => string): object => ({
  file: place === null ? null : relative(place.file),
  line: place?.line ?? null,
});
