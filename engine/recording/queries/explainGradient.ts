import type { Recording } from "../recording.ts";
import { EventKind } from "../schema.ts";
import { type Backward, type History, historyInParts } from "./alerts/history.ts";
import { formatShort } from "./numbers.ts";
import { PART, type Parts, wholeOf } from "./parts.ts";
import type { Place } from "./rows.ts";

/** One op on the way from the root of backward to a tensor, with what its backward did to the gradient. */
export interface PathStep {
  /** The op's public name. */
  readonly op: string;
  readonly place: Place | null;
  /** The derivative of the op's result by its input, where both are single numbers; null otherwise. */
  readonly factor: number | null;
  /** Norm of the gradient that came to the op, and of what it sent on along this way; null where it is not known. */
  readonly arrived: number | null;
  readonly sent: number | null;
}

/** One way from the root to the tensor. */
export interface GradientPath {
  /** From the root to the tensor. */
  readonly steps: readonly PathStep[];
  /** What this way adds to the gradient, when everything on it is a single number. */
  readonly product: number | null;
  /** Its part of all that came, 0 to 1, by absolute values; null where it is not known. */
  readonly share: number | null;
}

/** The chain rule of a gradient, written out along every way. */
export interface GradientExplanation {
  readonly tensor: number;
  /** Where backward was called, and on what. */
  readonly backward: Place | null;
  readonly root: number;
  /** The seed that backward began with; null unless it is a single number. */
  readonly seed: number | null;
  readonly paths: readonly GradientPath[];
  /** How many ways there are; more than `paths` holds when they were capped. Infinity when they can't be counted. */
  readonly pathCount: number;
}

/** So many ops are counted in one part: a few milliseconds. */
const OPS = 2_048;
/** More ways than this are counted and not written out. */
const MAX_PATHS = 24;
/** Longer ways are not followed to their end. */
const MAX_STEPS = 2_000;

/** Writes a tensor's gradient out as a chain rule with numbers; null when no backward reached the tensor. */
export const explainGradient = (recording: Recording, tensor: number): GradientExplanation | null =>
  wholeOf(explanationInParts(recording, tensor));

/** The same in parts, for those who must let others have their turn between them. */
export function* explanationInParts(recording: Recording, tensor: number): Parts<GradientExplanation | null> {
  const history = yield* historyInParts(recording);
  const backward = yield* lastThatReached(history, tensor);
  return backward === null ? null : yield* new Explainer(history, backward, tensor).explain();
}

/** An op whose backward sent a gradient to an input. */
interface Link {
  readonly forward: number;
  readonly node: number;
  readonly input: number;
  readonly out: number;
}

function* lastThatReached(history: History, tensor: number): Parts<Backward | null> {
  const last = history.accumulates.get(tensor)?.at(-1);
  if (last !== undefined) return history.backwards[history.backwardOf[last] - 1] ?? null;
  const { kind, node } = history.recording.tables.events.column;
  const users = new Set([...history.consumers(tensor)].map((event) => node[event]));
  users.delete(0);
  for (const backward of history.backwards.toReversed()) {
    for (let event = backward.start; event < backward.end; event++) {
      if (event % PART === 0) yield;
      if (kind[event] === EventKind.node && users.has(node[event])) return backward;
    }
  }
  return null;
}

class Explainer {
  private readonly history: History;
  private readonly backward: Backward;
  private readonly tensor: number;
  private readonly roots: ReadonlySet<number>;
  /** The run of each graph node in this backward. */
  private readonly runs = new Map<number, number>();
  private readonly links = new Map<number, readonly Link[]>();
  private readonly counts = new Map<number, number>();
  /** The ways to a tensor that was not come to. */
  private uncounted = 0;

  constructor(history: History, backward: Backward, tensor: number) {
    this.history = history;
    this.backward = backward;
    this.tensor = tensor;
    this.roots = new Set(history.rows.inputs(backward.start));
  }

  *explain(): Parts<GradientExplanation> {
    const { start, end } = this.backward;
    const { kind, node } = this.history.recording.tables.events.column;
    for (let event = start; event < end; event++) {
      if (event % PART === 0) yield;
      if (kind[event] === EventKind.node) this.runs.set(node[event], event);
    }
    const pathCount = yield* this.count();
    const paths = this.paths().map((links) => this.describe(links));
    const total = paths.reduce((sum, { weight }) => sum + (weight ?? Number.NaN), 0);
    const [root = 0] = this.roots;
    return {
      tensor: this.tensor,
      backward: this.history.place(this.backward.start),
      root,
      seed: this.seed(),
      paths: paths.map(({ weight, ...path }) => ({
        ...path,
        share: weight === null || !(total > 0) || pathCount > paths.length ? null : weight / total,
      })),
      pathCount,
    };
  }

  private seed(): number | null {
    const [root = 0] = this.roots;
    const { events, tensors } = this.history.recording.tables;
    const run = this.runs.get(events.column.node[tensors.column.event[root]]);
    return this.single(run === undefined ? 0 : (this.history.rows.inputs(run)[0] ?? 0));
  }

  /** The ops that used a tensor and sent a gradient back to it. */
  private linksOf(tensor: number): readonly Link[] {
    const known = this.links.get(tensor);
    if (known !== undefined) return known;
    const { rows, recording } = this.history;
    const { node } = recording.tables.events.column;
    const found = [...this.history.consumers(tensor)].flatMap((forward) => {
      const run = node[forward] === 0 ? undefined : this.runs.get(node[forward]);
      if (run === undefined) return [];
      const gradients = rows.outputs(run);
      const out = rows.outputs(forward)[0] ?? 0;
      return [...rows.inputs(forward)].flatMap((input, i) =>
        input === tensor && out !== tensor && i < gradients.length && gradients[i] !== 0
          ? [{ forward, node: run, input: i, out }]
          : [],
      );
    });
    // A tensor that is used twice by one op is listed twice among its users.
    const unique = found.filter(
      (link, i) => found.findIndex((one) => one.forward === link.forward && one.input === link.input) === i,
    );
    this.links.set(tensor, unique);
    return unique;
  }

  /** Counts the ways from the roots to the tensor and to all between. */
  private *count(): Parts<number> {
    const stack = [this.tensor];
    for (let n = 1; stack.length > 0; n++) {
      if (n % OPS === 0) yield;
      const top = stack[stack.length - 1];
      const open = this.linksOf(top).filter(({ out }) => !this.counts.has(out));
      if (open.length > 0 && !this.counts.has(top)) {
        for (const { out } of open) stack.push(out);
        if (stack.length > 1_000_000) {
          this.uncounted = Number.POSITIVE_INFINITY;
          break;
        }
        continue;
      }
      stack.pop();
      const own = this.roots.has(top) ? 1 : 0;
      if (!this.counts.has(top))
        this.counts.set(top, own + this.linksOf(top).reduce((sum, { out }) => sum + (this.counts.get(out) ?? 0), 0));
    }
    return this.waysTo(this.tensor);
  }

  private waysTo(tensor: number): number {
    return this.counts.get(tensor) ?? this.uncounted;
  }

  /** The ways, from the root to the tensor; the first ones when there are too many. */
  private paths(): Link[][] {
    const found: Link[][] = [];
    const open: { readonly tensor: number; readonly way: readonly Link[] }[] = [{ tensor: this.tensor, way: [] }];
    for (let next = open.pop(); next !== undefined && found.length < MAX_PATHS; next = open.pop()) {
      const { tensor, way } = next;
      if (this.roots.has(tensor)) found.push([...way].reverse());
      if (way.length >= MAX_STEPS) continue;
      for (const link of this.linksOf(tensor).toReversed())
        if (this.waysTo(link.out) > 0) open.push({ tensor: link.out, way: [...way, link] });
    }
    return found;
  }

  private describe(links: readonly Link[]): GradientPath & { readonly weight: number | null } {
    const steps = links.map((link) => this.step(link));
    const isScalar = steps.every(({ factor }) => factor !== null);
    const seed = this.seed();
    const product = isScalar && seed !== null ? steps.reduce((value, { factor }) => value * (factor ?? 1), seed) : null;
    return { steps, product, share: null, weight: product === null ? this.weightOf(links, steps) : Math.abs(product) };
  }

  /** What the last op of a way sends to the tensor. Ways that join before it can't be told apart by that. */
  private weightOf(links: readonly Link[], steps: readonly PathStep[]): number | null {
    const [link, step] = [links.at(-1), steps.at(-1)];
    return link === undefined || step === undefined || this.waysTo(link.out) !== 1 ? null : step.sent;
  }

  private step({ forward, node, input }: Link): PathStep {
    const { rows } = this.history;
    const arrived = rows.inputs(node)[0] ?? 0;
    const sent = rows.outputs(node)[input] ?? 0;
    const [above, below] = [this.single(arrived), this.single(sent)];
    const { value } = this.history.recording.tables.events.column;
    const norm = value[node];
    return {
      op: this.history.name(forward),
      place: this.history.place(forward),
      factor: above !== null && below !== null && above !== 0 ? below / above : null,
      arrived: Number.isNaN(norm) ? this.norm(arrived) : norm,
      sent: this.norm(sent),
    };
  }

  private single(tensor: number): number | null {
    const values = tensor === 0 ? null : this.history.rows.smallValues(tensor);
    return values?.length === 1 ? (values[0] ?? null) : null;
  }

  /** The norm of a small tensor; null of one whose numbers are not kept. */
  private norm(tensor: number): number | null {
    const values = tensor === 0 ? null : this.history.rows.smallValues(tensor);
    return values === null ? null : Math.hypot(...values);
  }
}

/** `44`, or `?` for a number that is not known. */
export const numberText = (value: number | null): string => (value === null ? "?" : formatShort(value));
