import type { Recording } from "../recording.ts";
import type { Alert, Finding, Severity } from "./alerts/alert.ts";
import { knownCauses } from "./alerts/causeWords.ts";
import { type History, historyInParts } from "./alerts/history.ts";
import type { Limits, Rule } from "./alerts/rule.ts";
import { ruleFor, rules } from "./alerts/rules.ts";
import { type Sources, strayComments, withoutSilenced } from "./alerts/silence.ts";
import { listed } from "./alerts/words.ts";
import { type Parts, wholeOf } from "./parts.ts";
import type { Place } from "./rows.ts";

export type { Alert, ChainLink, Evidence, Origin, Related, Severity } from "./alerts/alert.ts";
export type { Rule, Threshold } from "./alerts/rule.ts";
export { ruleFor, rules } from "./alerts/rules.ts";
export { type Sources, silencingComment } from "./alerts/silence.ts";

/** What the user wants to hear about. */
export interface AlertOptions {
  /** By kind: false switches a rule off; a word gives its alerts another severity. */
  readonly rules?: { readonly [kind: string]: boolean | Severity };
  /** By kind and name: other thresholds than those of the table. */
  readonly thresholds?: { readonly [kind: string]: { readonly [name: string]: number } };
  /** The program's files, for comments that say what is meant. */
  readonly sources?: Sources;
  /** `first` stops at the first fault. Default "all". */
  readonly mode?: "all" | "first";
  /** More alerts than this are counted and not told. Default 100. */
  readonly limit?: number;
}

const MAX_ALERTS = 100;
const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** Every fault of the recording: errors first, each kind in the order of its birth. */
export function findAlerts(recording: Recording, options: AlertOptions = {}): Alert[] {
  return wholeOf(alertsInParts(recording, options));
}

/** The same in parts, for those who must let others have their turn between them. */
export function* alertsInParts(recording: Recording, options: AlertOptions = {}): Parts<Alert[]> {
  const history = yield* historyInParts(recording);
  const found: Alert[] = [];
  const unless = new Map<Alert, readonly string[]>();
  for (const rule of rules) {
    for (const { unless: own = [], ...finding } of yield* findingsOf(history, rule, options)) {
      const alert = complete(finding, rule, severityOf(rule, options));
      found.push(alert);
      unless.set(alert, [...(rule.unless ?? []), ...own]);
    }
    yield;
  }
  const { sources } = options;
  // What a comment silences explains nothing any more: an Inf behind a growth that is meant is told.
  const heard = sources === undefined ? found : withoutSilenced(found, sources);
  const told = heard.filter((alert) => !isExplained(alert, unless.get(alert) ?? [], heard));
  const kept = sources === undefined ? told : [...told, ...unheard(recording, sources)];
  const sorted = kept.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || a.event - b.event);
  return options.mode === "first" ? firstBorn(sorted) : capped(sorted, options.limit ?? MAX_ALERTS);
}

/** Comments that were meant to silence something and don't. */
function unheard(recording: Recording, sources: Sources): Alert[] {
  const files = new Set([recording.meta.file, ...[...recording.sites.values()].map(({ file }) => file)]);
  const found = strayComments(
    files,
    sources,
    rules.map(({ kind }) => kind),
    knownCauses,
  );
  return found.map((finding) => complete(finding, UNHEARD, UNHEARD.severity));
}

function* findingsOf(
  history: History,
  rule: Rule,
  { rules: wishes = {}, thresholds = {} }: AlertOptions,
): Parts<readonly Finding[]> {
  if (wishes[rule.kind] === false) return [];
  const limits: { [name: string]: number } = {};
  for (const [name, { value }] of Object.entries(rule.thresholds))
    limits[name] = thresholds[rule.kind]?.[name] ?? value;
  const step = rule.endsRun === true ? history.lastStep : null;
  const found = rule.find(history, limits as Limits);
  const findings = "next" in found ? yield* found : found;
  return findings.map((finding) => ({ step, ...finding }));
}

function severityOf(rule: Rule, { rules: wishes = {} }: AlertOptions): Severity {
  const wish = wishes[rule.kind] ?? true;
  return typeof wish === "boolean" ? rule.severity : wish;
}

/** Whether other alerts that are heard say more of it. */
function isExplained({ kind, place }: Alert, unless: readonly string[], found: readonly Alert[]): boolean {
  const { unlessHere = [] } = ruleFor(kind) ?? {};
  return found.some(
    (other) => unless.includes(other.kind) || (unlessHere.includes(other.kind) && isSameLine(place, other.place)),
  );
}

const isSameLine = (a: Place | null, b: Place | null): boolean =>
  a !== null && b !== null && a.line === b.line && a.file === b.file;

function complete(finding: Finding, rule: Rule, severity: Severity): Alert {
  return {
    kind: rule.kind,
    step: null,
    origin: null,
    chain: [],
    count: 1,
    evidence: [],
    related: [],
    tensors: [],
    event: 0,
    ...finding,
    severity: finding.severity ?? severity,
    fix: finding.fix ?? rule.fix,
  };
}

/** The fault that came first. */
function firstBorn(alerts: readonly Alert[]): Alert[] {
  const [first] = [...alerts].sort((a, b) => a.event - b.event);
  return first === undefined ? [] : [first];
}

/** The first alerts, and one that says how many more there are. */
function capped(alerts: readonly Alert[], limit: number): Alert[] {
  if (alerts.length <= limit) return [...alerts];
  const rest = alerts.slice(limit);
  const counts = new Map<string, number>();
  for (const { kind } of rest) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => `${count} ${kind}`);
  const more: Finding = {
    place: null,
    message: `${rest.length} more alerts are not shown: ${listed(kinds, 6)}.`,
    evidence: [...counts].map(([label, value]) => ({ label, value })),
    fix: "the first ones usually explain the rest",
  };
  return [...alerts.slice(0, limit), complete(more, MORE, "info")];
}

const UNHEARD: Rule = {
  kind: "unknown-comment",
  severity: "warning",
  summary: "A comment that is to silence an alert names none.",
  looksFor: "",
  thresholds: {},
  fix: "use a kind of docs/alerts.md, and a cause after it where only that one is meant",
  find: () => [],
};

const MORE: Rule = {
  kind: "more",
  severity: "info",
  summary: "There are more alerts than are shown.",
  looksFor: "",
  thresholds: {},
  fix: "",
  find: () => [],
};
