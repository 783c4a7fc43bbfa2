import type { ComponentChild } from "preact";
import type { RunSummary } from "../protocol/run.ts";

/** How each end of a run is shown: an icon, and the words for those who do not see it. */
export const outcomes: Readonly<Record<RunSummary["outcome"], { icon: string; word: string }>> = {
  ok: { icon: "pass", word: "ran to the end" },
  warned: { icon: "warning", word: "ran to the end, with warnings" },
  faulty: { icon: "error", word: "ran to the end, with faults" },
  failed: { icon: "error", word: "ended with an error" },
  stopped: { icon: "debug-stop", word: "was stopped" },
  running: { icon: "sync", word: "is running" },
};

/** Which run this is: how it ended, its file, when it began and how long it took. */
export function RunLine({ run }: { readonly run: RunSummary }): ComponentChild {
  const { icon, word } = outcomes[run.outcome];
  return (
    <span class={`run run-${run.outcome}`} title={`${run.file} ${word}`}>
      <span class={`codicon codicon-${icon}`} role="img" aria-label={word} />
      <span class="run-file">{run.file}</span>
      <span class="run-when">
        {run.startedAt !== null && `${clockText(run.startedAt)} · `}
        {durationText(run.durationMs)}
      </span>
    </span>
  );
}

/** `14:03:22`. */
export function clockText(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(undefined, { hour12: false });
}

/** `1.24 ms`, `3.1 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toPrecision(3)} µs`;
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toPrecision(3)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}
