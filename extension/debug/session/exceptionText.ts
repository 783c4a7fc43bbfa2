import { formatNumber, formatShort } from "../../../engine/recording/queries/numbers.ts";
import type { Statistics } from "../../../engine/recording/statistics.ts";
import type { ExceptionFilterId } from "./breakpoints.ts";
import { eventLabel } from "./frames.ts";
import type { Names } from "./names.ts";
import type { Timeline } from "./timeline.ts";

/** What stopped the program, for people. */
export interface ExceptionText {
  readonly filter: ExceptionFilterId;
  /** A few words. */
  readonly title: string;
  /** Whole sentences. */
  readonly description: string;
}

/** Describes the fault at an event. */
export function exceptionAt(
  filter: ExceptionFilterId,
  event: number,
  { timeline, names }: { readonly timeline: Timeline; readonly names: Names },
): ExceptionText {
  const label = eventLabel(event, timeline, names);
  switch (filter) {
    case "nan-forward":
    case "nonfinite-gradient":
      return { filter, ...describeBirth(label, event, timeline) };
    case "exploding":
    case "vanishing": {
      const norm = formatNumber(timeline.value(event));
      const title = filter === "exploding" ? "Exploding gradient" : "Vanishing gradient";
      return { filter, title, description: `The gradient that arrived at ${label} has norm ${norm}.` };
    }
    case "autograd-error":
      return { filter, title: "Autograd error", description: failureText(timeline.detail(event)) };
    case "uncaught": {
      const { error } = timeline.recording;
      const title = error?.name ?? "Error";
      return { filter, title, description: error === null ? "The program failed." : `${title}: ${error.message}` };
    }
  }
}

/** A failure may come with facts about what failed, which views read. */
function failureText(detail: string): string {
  if (!detail.startsWith("{")) return detail;
  return String((JSON.parse(detail) as { message?: unknown }).message ?? detail);
}

function describeBirth(label: string, event: number, timeline: Timeline): { title: string; description: string } {
  const birth = timeline.birthAt(event);
  if (birth === null) return { title: "NaN or Inf", description: `${label} gave a number that is not finite.` };
  const what = Number.isNaN(birth.value) ? "NaN" : formatNumber(birth.value);
  const from = birth.from.filter((x) => !Number.isNaN(x)).map(formatShort);
  const made = from.length === 0 ? "" : ` out of ${from.join(" and ")}`;
  const cause = birth.cause === "" ? "" : ` (${birth.cause})`;
  return { title: `${what} is born`, description: `${label} made ${what} at element ${birth.element}${made}${cause}.` };
}

/** `min −1, max 3, mean 0.5, std 0.2, norm 4.1`, and what is not finite. */
export function statisticsText(found: Statistics): string {
  const { min, max, mean, std, norm, zeros, nan, inf } = found;
  const parts = [`min ${formatNumber(min)}`, `max ${formatNumber(max)}`, `mean ${formatNumber(mean)}`];
  parts.push(`std ${formatNumber(std)}`, `norm ${formatNumber(norm)}`);
  if (zeros > 0) parts.push(`${zeros} zero`);
  if (nan > 0) parts.push(`${nan} NaN`);
  if (inf > 0) parts.push(`${inf} Inf`);
  return parts.join(", ");
}
