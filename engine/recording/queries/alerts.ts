import type { Recording } from "../recording.ts";
import { EventKind, type GradcheckRow, Health } from "../schema.ts";
import { formatNumber } from "./numbers.ts";
import { type Place, Rows } from "./rows.ts";

/** One fault found in a recording. Words are those of the report. */
export interface Alert {
  readonly kind: string;
  readonly severity: "error" | "warning" | "info";
  /** One short sentence in the user's terms. */
  readonly message: string;
  /** The line to edit. */
  readonly place: Place | null;
  readonly step: number | null;
  readonly origin: Origin | null;
  /** From the origin to where it surfaced. */
  readonly chain: readonly ChainLink[];
  /** What to do about it, in a phrase. */
  readonly fix: string | null;
}

/** Where a fault was born. */
export interface Origin {
  /** The op's public name in either phase; `tensor` for faulty data. */
  readonly op: string;
  readonly phase: "forward" | "backward";
  readonly place: Place | null;
  /** Event of the recording. */
  readonly event: number;
  readonly element: readonly number[] | null;
  readonly cause: string | null;
}

export interface ChainLink {
  readonly op: string;
  readonly phase: "forward" | "backward";
  readonly place: Place | null;
  readonly event: number;
}

/** More faults of one run than this are not told apart. */
const MAX_ALERTS = 100;

/** Every fault of the recording, in the order of their birth. */
export function findAlerts(recording: Recording): Alert[] {
  const rows = new Rows(recording);
  return [...importCycles(recording), ...nonFinite(rows), ...failedGradchecks(recording), ...errors(recording)].slice(
    0,
    MAX_ALERTS,
  );
}

function importCycles(recording: Recording): Alert[] {
  return recording.cycles.map(({ files, line }) => ({
    kind: "import-cycle",
    severity: "warning",
    message: `These files import each other in a circle: ${files.map(baseName).join(" → ")}. Values may be used before they are set; move what both need into a third file.`,
    place: { file: files[0], line: line ?? 1, column: 1 },
    step: null,
    origin: null,
    chain: [],
    fix: "move what both files need into a third file",
  }));
}

const baseName = (file: string): string => file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);

/**
 * Births of NaN and Inf: events whose outputs are bad although their inputs are fine. An Inf alone is a fault only when it
 * reached a loss or a gradient (masks are full of −Inf on purpose).
 */
function nonFinite(rows: Rows): Alert[] {
  const { events, tensors } = rows.recording.tables;
  const { kind, health, site, step } = events.column;
  const badBits = new Map<number, number>();
  for (let t = 1; t < tensors.rows; t++) if (tensors.column.health[t] !== 0) badBits.set(t, tensors.column.health[t]);
  const births: { event: number; bits: number; data: number }[] = [];
  let surfaced = 0;
  const badForward = new Set<number>();
  for (let event = 1; event < events.rows; event++) {
    const bits = health[event];
    const isOp = kind[event] === EventKind.op;
    const isNode = kind[event] === EventKind.node;
    if (kind[event] === EventKind.backwardStart)
      for (const root of rows.inputs(event)) surfaced |= badBits.get(root) ?? 0;
    if (kind[event] === EventKind.accumulate) surfaced |= bits;
    if ((!isOp && !isNode) || bits === 0) continue;
    let inherited = 0;
    let data = 0;
    for (const input of rows.inputs(event)) {
      const found = badBits.get(input) ?? 0;
      inherited |= found;
      if (found !== 0 && tensors.column.event[input] === 0) data = input;
    }
    const forward = isNode ? rows.forwardEvent(events.column.node[event]) : event;
    if (isNode && badForward.has(forward)) inherited |= bits;
    for (const out of rows.outputs(event)) badBits.set(out, (badBits.get(out) ?? 0) | bits);
    if (isOp) badForward.add(event);
    if (inherited === 0 || (data !== 0 && births.every((b) => b.data !== data))) births.push({ event, bits, data });
  }
  return births
    .filter(({ bits }) => (bits & Health.nan) !== 0 || surfaced !== 0)
    .slice(0, 1)
    .map(({ event, bits, data }) => {
      const phase = kind[event] === EventKind.op ? "forward" : "backward";
      const forward = phase === "forward" ? event : rows.forwardEvent(events.column.node[event]);
      const op = data !== 0 ? "tensor" : forward === 0 ? rows.eventName(event) : rows.eventName(forward);
      const place = data !== 0 ? rows.place(data) : rows.site(site[forward === 0 ? event : forward]);
      const chain = chainFrom(rows, event);
      const becomesNan = chain.find((link) => (health[link.event] & Health.nan) !== 0);
      const born = (bits & Health.nan) !== 0 ? "NaN" : "Inf";
      return {
        kind: becomesNan === undefined ? "inf" : "nan",
        severity: "error",
        message: `${describeBirth(rows, op, phase, born, data)}${becomesNan === undefined || born === "NaN" ? "" : `, which became NaN in ${becomesNan.op}()`}.`,
        place,
        step: step[event],
        origin: { op, phase, place, event, element: null, cause: null },
        chain,
        fix: null,
      } satisfies Alert;
    });
}

function describeBirth(rows: Rows, op: string, phase: string, born: string, data: number): string {
  if (data !== 0) return `${rows.label(data) ?? "The data"} holds ${born}`;
  if (phase === "forward") return `${op}() gave ${born} although its inputs were finite`;
  return `The gradient of ${op}() is ${born} although its values are finite`;
}

const MAX_CHAIN = 32;

/** The events through which a bad value passed, from its birth on. */
function chainFrom(rows: Rows, birth: number): ChainLink[] {
  const { events } = rows.recording.tables;
  const { kind, health, site } = events.column;
  const bad = new Set<number>(rows.outputs(birth));
  const chain: ChainLink[] = [];
  for (let event = birth; event < events.rows && chain.length < MAX_CHAIN; event++) {
    const isNode = kind[event] === EventKind.node;
    if ((kind[event] !== EventKind.op && !isNode) || health[event] === 0) continue;
    if (event !== birth && !rows.inputs(event).some((input) => bad.has(input))) continue;
    for (const out of rows.outputs(event)) bad.add(out);
    const forward = isNode ? rows.forwardEvent(events.column.node[event]) : event;
    chain.push({
      op: forward === 0 ? rows.eventName(event) : rows.eventName(forward),
      phase: isNode ? "backward" : "forward",
      place: rows.site(site[forward === 0 ? event : forward]),
      event,
    });
  }
  return chain;
}

/** A check that did not throw would otherwise go unnoticed. */
function failedGradchecks(recording: Recording): Alert[] {
  return recording.gradchecks
    .filter((check) => !check.passed)
    .map((check) => ({
      kind: "gradcheck",
      severity: "error",
      message: `${check.name} failed: ${describeWorst(check)}`,
      place: recording.sites.get(check.site) ?? null,
      step: null,
      origin: null,
      chain: [],
      fix: "compare the formula of the backward with the numerical Jacobian",
    }));
}

function describeWorst({ worst, diagnosis }: GradcheckRow): string {
  if (worst === null) return (diagnosis ?? "the gradients disagree with finite differences").split("\n", 1)[0];
  return `the gradient of output ${worst.output} for input ${worst.input} is ${formatNumber(worst.analytical)} at [${worst.row}, ${worst.col}], finite differences give ${formatNumber(worst.numerical)}.`;
}

/** Which kind of alert an error of autograd is, by the key phrase of its message. */
const ERROR_KINDS: readonly (readonly [phrase: string, kind: string, fix: string])[] = [
  [
    "backward through the graph a second time",
    "double-backward",
    "run the forward pass again, or pass { retainGraph: true } to the first backward",
  ],
  [
    "does not require grad and does not have a grad_fn",
    "no-grad-root",
    "create the inputs with { requiresGrad: true } and look for detach(), noGrad or item() on the way",
  ],
  [
    "grad can be implicitly created only for scalar outputs",
    "non-scalar-root",
    "reduce the result with sum() or mean(), or pass a gradient of its shape",
  ],
  ["modified by an inplace operation", "inplace", "use the out-of-place op, or clone() before writing"],
  ["leaf Variable that requires grad", "inplace", "write inside noGrad(() => …), or use the out-of-place op"],
  ["Jacobian mismatch", "gradcheck", "compare the two Jacobians"],
];

function errors(recording: Recording): Alert[] {
  const { error } = recording;
  if (error === null) return [];
  const known = ERROR_KINDS.find(([phrase]) => error.message.includes(phrase));
  if (known === undefined || recording.gradchecks.some((check) => !check.passed && known[1] === "gradcheck")) return [];
  const place =
    error.file === null || error.line === null
      ? null
      : { file: error.file, line: error.line, column: error.column ?? 1 };
  return [
    {
      kind: known[1],
      severity: "error",
      message: error.message,
      place,
      step: null,
      origin: null,
      chain: [],
      fix: known[2],
    },
  ];
}
