import { causes } from "../engine/recording/queries/alerts/nonFinite/causes.ts";
import { type Rule, rules } from "../engine/recording/queries/alerts.ts";
import { isExpected, type Told } from "../test/alerts/programs.ts";

/** What the fixtures came to. */
export interface Measured {
  readonly wrong: readonly Told[];
  readonly right: readonly Told[];
}

/** docs/alerts.md: every rule in its own words, and how often it is right about the fixtures. */
export function alertDocument(measured: Measured): string {
  const parts = [head, overview(), ...rules.map(section), causeTable(), silence, measurements(measured)];
  return `${parts.join("\n\n")}\n`;
}

const head = `# Alerts

Written by \`npm run docs\` from the table of rules and from the tests' programs; not to be edited by hand. A test fails when it is stale.

An alert names one fault: its kind, the line to edit, the numbers that show it, and what to do. What follows from a fault is its chain and no alert of its own. \`error\` is wrong in all programs, \`warning\`
in most, and \`info\` never needs action. Each kind can be switched off, given another severity and other thresholds.`;

function overview(): string {
  const rows = rules.map(({ kind, severity, summary }) => `| [${kind}](#${kind}) | ${severity} | ${summary} |`);
  return ["| kind | severity | what is wrong |", "| --- | --- | --- |", ...rows].join("\n");
}

function section({ kind, severity, summary, looksFor, thresholds, fix, unless = [], unlessHere = [] }: Rule): string {
  const limits = Object.entries(thresholds).map(
    ([name, { value, meaning }]) => `- \`${name}\` ${plain(value)}: ${meaning}`,
  );
  const lines = [`## ${kind}`, "", `${summary} (${severity})`, "", `**Looks for** ${looksFor}`, "", `**Fix** ${fix}.`];
  if (unless.length > 0) lines.push("", `Not told beside ${kinds(unless)}.`);
  if (unlessHere.length > 0) lines.push("", `Not told beside ${kinds(unlessHere)} of the same line.`);
  if (limits.length > 0) lines.push("", ...limits);
  return lines.join("\n");
}

const kinds = (all: readonly string[]): string => all.map((kind) => `\`${kind}\``).join(", ");

const plain = (value: number): string => (value >= 1e4 || value < 1e-3 ? value.toExponential() : String(value));

function causeTable(): string {
  const rows = causes.map(({ cause, why, fix }) => `| ${cause} | ${why} | ${fix} |`);
  return [
    "## Causes of NaN and Inf",
    "",
    "The `cause` of an alert's origin.",
    "",
    "| cause | what happens | what to do |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const silence = `## This one is meant

A comment at the end of a line, or alone on the line before, silences one kind (and, where it is named, one cause alone) at that line:

\`\`\`ts
const y = x.log(); // gradlens-ignore: nan-loss log-of-nonpositive
\`\`\`

Several are separated by commas. A word that is no kind or cause is reported. In VS Code the quick fix "This one is intended" writes the comment.

## Settings

\`gradlens.alerts.rules\` switches kinds off or gives them another severity: \`{ "dead-relu": "off", "grad-none": "error" }\`. \`gradlens.alerts.thresholds\` sets thresholds: \`{ "vanishing.ratio": 1e-8 }\`.
\`gradlens.alerts.mode\` tells \`all\` alerts or the \`first\`, and \`gradlens.alerts.stopAtFirstNan\` ends a run where its first NaN is born.`;

function measurements({ wrong, right }: Measured): string {
  const kinds = rules.map(({ kind }) => kind).filter((kind) => wrong.some(({ expected }) => named(expected, kind) > 0));
  const rows = kinds.map((kind) => {
    const wanted = wrong.reduce((sum, { expected }) => sum + named(expected, kind), 0);
    return `| ${kind} | ${wanted} | ${found(wrong, kind)} | ${falseAlarms([...wrong, ...right], kind)} |`;
  });
  const wanted = wrong.reduce((sum, { expected }) => sum + expected.length, 0);
  const hits = kinds.reduce((sum, kind) => sum + found(wrong, kind), 0);
  const told = [...wrong, ...right].reduce((sum, { alerts }) => sum + alerts.length, 0);
  return [
    "## Precision and recall",
    "",
    `${wrong.length} small programs of one fault each and ${right.length} right ones that look alike (\`test/fixtures/alerts/\`) are run and told their alerts. A fault counts as found when kind, cause and line are the expected ones.`,
    "",
    `**Precision ${share(hits, told)}** (${hits} of ${told} alerts were expected), **recall ${share(hits, wanted)}** (${hits} of ${wanted} faults were found). Nothing is told of any of the right programs, nor of the right ones among \`examples/\`, unless the table says so.`,
    "",
    "| kind | faults | found | false alarms |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const named = (expected: Told["expected"], kind: string): number => expected.filter((one) => one.kind === kind).length;

function found(wrong: readonly Told[], kind: string): number {
  return wrong.reduce((sum, { alerts, expected }) => {
    const own = expected.filter((one) => one.kind === kind);
    return sum + own.filter((one) => alerts.some((alert) => isExpected(alert, one))).length;
  }, 0);
}

function falseAlarms(all: readonly Told[], kind: string): number {
  return all.reduce((sum, { alerts, expected }) => {
    const others = alerts.filter((alert) => alert.kind === kind && !expected.some((one) => isExpected(alert, one)));
    return sum + others.length;
  }, 0);
}

const share = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)}%`;
