import path from "node:path";
import { htmlReport } from "../../engine/recording/export/htmlReport.ts";
import type { Alert } from "../../engine/recording/queries/alerts.ts";
import { memoryProfile } from "../../engine/recording/queries/profile/memory.ts";
import { opTable } from "../../engine/recording/queries/profile/opTable.ts";
import type { Timeline } from "../../engine/recording/queries/profile/timeline.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { chromeTraceParts } from "../../engine/recording/traces/chromeTrace.ts";
import { opTableCsv } from "../../engine/recording/traces/csv.ts";
import { speedscopeParts } from "../../engine/recording/traces/speedscope.ts";
import type { ProfileFormat } from "../../webview/protocol/profiler.ts";

/** What a file of a profile is told besides the profile. */
export interface ProfileFileFacts {
  /** Where the run or the trace came from, as a person would call it. */
  readonly name: string;
  /** Paths below this folder are written relative to it; null for all as they are. */
  readonly folder: string | null;
  /** What a report says of the run's faults. */
  readonly alerts: readonly Alert[];
}

/** A profile as a file for other programs or people, in parts: a whole one may be longer than a string can be. */
export function profileParts(
  format: ProfileFormat,
  timeline: Timeline,
  recording: Recording | null,
  { name, folder, alerts }: ProfileFileFacts,
): Iterable<string> {
  const relative = relativeTo(folder);
  switch (format) {
    case "trace": {
      const memory = recording === null ? null : memoryProfile(recording);
      return chromeTraceParts(timeline, { recording, memory, relative });
    }
    case "speedscope":
      return speedscopeParts(timeline, { recording, relative, name });
    case "csv":
      return [opTableCsv(opTable(timeline, recording), relative)];
    case "report":
      if (recording === null) throw new Error("A trace has times and names, and a report needs more.");
      return [htmlReport(recording, { alerts, relative })];
  }
}

function relativeTo(folder: string | null): (file: string) => string {
  if (folder === null) return (file) => file;
  return (file) => {
    const relative = path.relative(folder, file);
    const isInside = relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
    return isInside ? relative.replaceAll("\\", "/") : file;
  };
}
