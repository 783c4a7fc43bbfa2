import type { Alert } from "./alert.ts";

/** Gives the text of a file of the program; undefined when it is not known. */
export type Sources = (file: string) => string | undefined;

const MARK = "gradlens-ignore:";

/**
 * Leaves out what the program says is meant: a comment `// gradlens-ignore: nan log-of-nonpositive` at the end of the
 * line, or alone on the line before, silences that kind (and, where it is named, that cause alone) at that line.
 */
export function withoutSilenced(alerts: readonly Alert[], sources: Sources): Alert[] {
  const lines = new Map<string, readonly string[]>();
  return alerts.filter((alert) => {
    const { place } = alert;
    if (place === null) return true;
    let text = lines.get(place.file);
    if (text === undefined) {
      text = (sources(place.file) ?? "").split(/\r?\n/);
      lines.set(place.file, text);
    }
    return !wordsAt(text, place.line).some((words) => isMeant(alert, words));
  });
}

/** The comment that silences an alert, for whoever offers to write it. */
export function silencingComment({ kind, origin }: Alert): string {
  return `// ${MARK} ${kind}${origin?.cause ? ` ${origin.cause}` : ""}`;
}

/** What comments say about a line: groups of words, of which commas separate several. */
function wordsAt(lines: readonly string[], line: number): string[][] {
  const own = lines[line - 1] ?? "";
  const before = (lines[line - 2] ?? "").trim();
  return [own, before.startsWith("//") ? before : ""].flatMap((text) => {
    const at = text.indexOf(MARK);
    const isComment = at !== -1 && text.lastIndexOf("//", at) !== -1;
    if (!isComment) return [];
    return text
      .slice(at + MARK.length)
      .split(",")
      .map((group) => group.trim().split(/\s+/).filter(Boolean));
  });
}

function isMeant({ kind, origin }: Alert, [named, cause]: readonly string[]): boolean {
  if (named !== kind) return false;
  return cause === undefined || cause === origin?.cause;
}
