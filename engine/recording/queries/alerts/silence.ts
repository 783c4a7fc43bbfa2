import { nearest } from "../../../base/errors.ts";
import type { Alert, Finding } from "./alert.ts";

/** Gives the text of a file of the program; undefined when it is not known. */
export type Sources = (file: string) => string | undefined;

const WORD = "gradlens-ignore";
const MARK = `${WORD}:`;

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

/** Comments with words that name no kind or cause: what they were to silence is still told, or they silence too much. */
export function strayComments(
  files: Iterable<string>,
  sources: Sources,
  kinds: readonly string[],
  causes: readonly string[],
): Finding[] {
  return [...files].flatMap((file) => {
    const text = sources(file);
    if (text === undefined || !text.includes(WORD)) return [];
    return text.split(/\r?\n/).flatMap((line, i) => {
      const column = line.indexOf(WORD);
      const complaint =
        column === -1 || line.lastIndexOf("//", column) === -1
          ? null
          : complaintAbout(line.slice(column), kinds, causes);
      return complaint === null ? [] : [{ place: { file, line: i + 1, column: column + 1 }, message: complaint }];
    });
  });
}

function complaintAbout(comment: string, kinds: readonly string[], causes: readonly string[]): string | null {
  const groups = /^gradlens-ignore:\s*(\S.*)$/.exec(comment)?.[1];
  if (groups === undefined) return `This comment silences nothing: write the kind behind a colon, as in "${MARK} nan".`;
  for (const [kind = "", cause, ...more] of groups.split(",").map((group) => group.trim().split(/\s+/))) {
    if (!kinds.includes(kind)) return `There is no kind of alert '${short(kind)}'.${guess(kind, kinds)}`;
    if (cause !== undefined && !causes.includes(cause))
      return `There is no cause '${short(cause)}'.${guess(cause, causes)}`;
    if (more.length > 0) return `'${short(more.join(" "))}' is not understood: separate several kinds by commas.`;
  }
  return null;
}

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function guess(word: string, known: readonly string[]): string {
  const near = nearest(word.slice(0, 80), known);
  return near === null ? "" : ` Did you mean '${near}'?`;
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
