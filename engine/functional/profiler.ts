import type { Gradients, Node } from "../autograd/node.ts";
import {
  type BackwardRequest,
  type GradcheckReport,
  type Observer,
  type OpEvent,
  observe,
  type ReadManner,
  watch,
} from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { now } from "../base/clock.ts";
import { ArgumentError, checkOptions, nearest } from "../base/errors.ts";
import { chromeTrace } from "./chromeTrace.ts";

/** All events of one name. Times are in milliseconds. */
export interface KeyAverage {
  /** Name of the op, the node or the recorded function. */
  readonly key: string;
  /** How many calls. */
  readonly count: number;
  /** Without what ran inside. */
  readonly selfCpuTimeTotal: number;
  /** With what ran inside. */
  readonly cpuTimeTotal: number;
  /** Total per call. */
  readonly cpuTimeAvg: number;
  /** Bytes of the tensors it made. */
  readonly selfCpuMemoryUsage: number;
  /** Bytes with those of what ran inside. */
  readonly cpuMemoryUsage: number;
  /** Distinct input shapes, when grouped by them. */
  readonly inputShapes: string | null;
}

/** How `keyAverages` groups. */
export interface GroupOptions {
  /** One row per op and shapes of inputs, not per op. Default false. */
  readonly groupByInputShape?: boolean;
}

/** How `table` sorts and cuts. */
export interface TableOptions {
  /** The column by which rows are sorted, largest first. Default `selfCpuTimeTotal`. */
  readonly sortBy?: keyof KeyAverage;
  /** Rows beyond this many are left out. Default 100. */
  readonly rowLimit?: number;
}

/** Something with a beginning and an end. Times are milliseconds of `performance.now()`. */
export interface ProfiledEvent {
  /** Name of the op, the node or the recorded function. */
  readonly key: string;
  /** An op, a node of backward, or a `recordFunction`. */
  readonly kind: "forward" | "backward" | "annotation";
  /** Of the node that belongs to it: what forward and backward have in common. */
  readonly sequence: number | null;
  /** Per input. */
  readonly dims: readonly (readonly number[])[];
  /** When it began. */
  readonly start: number;
  /** When it ended. */
  end: number;
  /** What of the time went into events inside. */
  inner: number;
  /** Bytes of the results. */
  readonly bytes: number;
  /** Bytes of the events inside. */
  innerBytes: number;
}

/** Rows per name, printable. */
export class KeyAverages extends Array<KeyAverage> {
  /** What `map` and `filter` give are plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The rows as text, in PyTorch's columns. */
  table(options: TableOptions = {}): string {
    checkOptions("table", options, ["sortBy", "rowLimit"]);
    return renderTable(this, options);
  }
}

/** What a profiled function did. */
export class Profile<R = unknown> {
  /** What the function gave. */
  readonly result: R;
  private readonly events: readonly ProfiledEvent[];

  constructor(result: R, events: readonly ProfiledEvent[]) {
    this.result = result;
    this.events = events;
  }

  /** Events summed by name (and input shapes), the most expensive first. */
  keyAverages(options: GroupOptions = {}): KeyAverages {
    checkOptions("keyAverages", options, ["groupByInputShape"]);
    const groups = new Map<string, ProfiledEvent[]>();
    for (const event of this.events) {
      const key = options.groupByInputShape === true ? `${event.key} ${shapesOf(event)}` : event.key;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [event]);
      else group.push(event);
    }
    const rows = [...groups.values()].map((group): KeyAverage => {
      const total = group.reduce((sum, e) => sum + (e.end - e.start), 0);
      return {
        key: group[0].key,
        count: group.length,
        selfCpuTimeTotal: group.reduce((sum, e) => sum + (e.end - e.start - e.inner), 0),
        cpuTimeTotal: total,
        cpuTimeAvg: total / group.length,
        selfCpuMemoryUsage: group.reduce((sum, e) => sum + e.bytes, 0),
        cpuMemoryUsage: group.reduce((sum, e) => sum + e.bytes + e.innerBytes, 0),
        inputShapes: options.groupByInputShape === true ? shapesOf(group[0]) : null,
      };
    });
    return KeyAverages.from(rows.sort((a, b) => b.selfCpuTimeTotal - a.selfCpuTimeTotal)) as KeyAverages;
  }

  /** The events in Chrome's trace format, for Perfetto or chrome://tracing. */
  chromeTrace(): string {
    return chromeTrace(this.events);
  }

  /** The rows of `keyAverages()` as text. */
  table(options: TableOptions = {}): string {
    return this.keyAverages().table(options);
  }
}

/**
 * Runs `fn`, sync or async, and measures every op, backward node, module and `recordFunction` in it. The modes and the
 * graph are not touched.
 */
export function profile<R>(fn: () => PromiseLike<R>): Promise<Profile<R>>;
export function profile<R>(fn: () => R): Profile<R>;
export function profile<R>(fn: () => R | PromiseLike<R>): Profile<R> | Promise<Profile<R>> {
  const collector = new Collector(watch.observer);
  const before = observe(collector);
  const stop = (): void => {
    observe(before);
  };
  let result: R | PromiseLike<R>;
  try {
    result = fn();
  } catch (error) {
    stop();
    throw error;
  }
  if (typeof result === "object" && result !== null && "then" in result) {
    return Promise.resolve(result as PromiseLike<R>)
      .finally(stop)
      .then((value) => new Profile(value, collector.events));
  }
  stop();
  return new Profile(result as R, collector.events);
}

/** Gives a name to what `fn` does, in profiles and recordings. */
export function recordFunction<R>(name: string, fn: () => R): R {
  const { observer } = watch;
  if (observer === null) return fn();
  observer.scopeStart(null, name);
  try {
    return fn();
  } finally {
    observer.scopeEnd();
  }
}

/** Listens beside whoever listened before. */
class Collector implements Observer {
  readonly events: ProfiledEvent[] = [];
  private readonly open: ProfiledEvent[] = [];
  private readonly next: Observer | null;

  constructor(next: Observer | null) {
    this.next = next;
  }

  private add(event: Omit<ProfiledEvent, "inner" | "innerBytes">): void {
    this.events.push({ ...event, inner: 0, innerBytes: 0 });
    const parent = this.open[this.open.length - 1];
    if (parent === undefined) return;
    parent.inner += event.end - event.start;
    parent.innerBytes += event.bytes;
  }

  private begin(key: string): void {
    const kind = "annotation";
    const event: ProfiledEvent = {
      key,
      kind,
      sequence: null,
      dims: [],
      start: now(),
      end: 0,
      inner: 0,
      bytes: 0,
      innerBytes: 0,
    };
    this.events.push(event);
    this.open.push(event);
  }

  private end(): void {
    const event = this.open.pop();
    if (event === undefined) return;
    event.end = now();
    const parent = this.open[this.open.length - 1];
    if (parent === undefined) return;
    parent.inner += event.end - event.start;
    parent.innerBytes += event.bytes + event.innerBytes;
  }

  op(event: OpEvent): void {
    const { name, node, start, end } = event;
    const sequence = node?.sequence ?? null;
    this.add({
      key: name,
      kind: "forward",
      sequence,
      dims: dimsOf(event.inputs),
      start,
      end,
      bytes: bytesOf(event.outputs),
    });
    this.next?.op(event);
  }

  backwardStart(roots: readonly Tensor[], gradients: Gradients, request: BackwardRequest): void {
    this.begin("backward");
    this.next?.backwardStart(roots, gradients, request);
  }

  backwardEnd(error: unknown, captured: Gradients): void {
    this.end();
    this.next?.backwardEnd(error, captured);
  }

  refused(roots: readonly Tensor[], error: unknown): void {
    this.next?.refused?.(roots, error);
  }

  failed(node: Node, error: unknown): void {
    this.next?.failed?.(node, error);
  }

  node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void {
    const { name, sequence } = node;
    this.add({
      key: name,
      kind: "backward",
      sequence,
      dims: dimsOf(gradOutputs),
      start,
      end,
      bytes: bytesOf(gradInputs),
    });
    this.next?.node(node, gradOutputs, gradInputs, start, end);
  }

  accumulate(tensor: Tensor, incoming: Tensor): void {
    this.next?.accumulate(tensor, incoming);
  }

  hook(kind: string, target: Node | Tensor, before: Tensor | null, after: Tensor | null): void {
    this.next?.hook(kind, target, before, after);
  }

  optimizerStart(optimizer: object, name: string): void {
    this.begin(`Optimizer.step#${name}.step`);
    this.next?.optimizerStart(optimizer, name);
  }

  optimizerEnd(optimizer: object): void {
    this.end();
    this.next?.optimizerEnd(optimizer);
  }

  zeroGrad(owner: object): void {
    this.next?.zeroGrad(owner);
  }

  clip(gradients: readonly Tensor[], limit: number, norm: number | null): void {
    this.next?.clip?.(gradients, limit, norm);
  }

  read(source: Tensor, how: ReadManner, copy: Tensor | null): void {
    this.next?.read?.(source, how, copy);
  }

  scopeStart(owner: object | null, name: string): void {
    this.begin(name);
    this.next?.scopeStart(owner, name);
  }

  scopeEnd(): void {
    this.end();
    this.next?.scopeEnd();
  }

  gradcheckStart(name: string, site: number): void {
    this.next?.gradcheckStart?.(name, site);
  }

  gradcheck(report: GradcheckReport): void {
    this.next?.gradcheck(report);
  }
}

const shapesOf = ({ dims }: ProfiledEvent): string => dims.map((shape) => `[${shape.join(", ")}]`).join(" ");

const dimsOf = (inputs: readonly (Tensor | number | null | undefined)[]): (readonly number[])[] =>
  inputs.map((x) => (x === null || x === undefined || typeof x === "number" ? [] : x.shape));

const bytesOf = (outputs: readonly (Tensor | null | undefined)[]): number =>
  outputs.reduce((sum, x) => sum + (x?.nbytes ?? 0), 0);

const COLUMNS: readonly (readonly [title: string, cell: (row: KeyAverage, total: number) => string])[] = [
  ["Name", (row) => (row.inputShapes === null ? row.key : `${row.key} ${row.inputShapes}`)],
  ["Self CPU %", (row, total) => `${((100 * row.selfCpuTimeTotal) / (total || 1)).toFixed(2)}%`],
  ["Self CPU", (row) => time(row.selfCpuTimeTotal)],
  ["CPU total %", (row, total) => `${((100 * row.cpuTimeTotal) / (total || 1)).toFixed(2)}%`],
  ["CPU total", (row) => time(row.cpuTimeTotal)],
  ["CPU time avg", (row) => time(row.cpuTimeAvg)],
  ["CPU Mem", (row) => memory(row.cpuMemoryUsage)],
  ["Self CPU Mem", (row) => memory(row.selfCpuMemoryUsage)],
  ["# of Calls", (row) => String(row.count)],
];

function renderTable(
  rows: readonly KeyAverage[],
  { sortBy = "selfCpuTimeTotal", rowLimit = 100 }: TableOptions,
): string {
  if (rows.length > 0 && !(sortBy in rows[0])) {
    const guess = nearest(sortBy, Object.keys(rows[0]));
    throw new ArgumentError("table", `can't sort by '${sortBy}'.${guess === null ? "" : ` Did you mean '${guess}'?`}`);
  }
  const order = (row: KeyAverage): number | string => row[sortBy] ?? "";
  const sorted = [...rows].sort((a, b) => (order(a) < order(b) ? 1 : order(a) > order(b) ? -1 : 0)).slice(0, rowLimit);
  const total = rows.reduce((sum, row) => sum + row.selfCpuTimeTotal, 0);
  const cells = [COLUMNS.map(([title]) => title), ...sorted.map((row) => COLUMNS.map(([, cell]) => cell(row, total)))];
  const widths = COLUMNS.map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const line = (row: readonly string[]): string =>
    row.map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c]))).join("  ");
  return [rule, line(cells[0]), rule, ...cells.slice(1).map(line), rule, `Self CPU time total: ${time(total)}`].join(
    "\n",
  );
}

function time(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(3)}s`;
  return ms >= 1 ? `${ms.toFixed(3)}ms` : `${(ms * 1000).toFixed(3)}us`;
}

function memory(bytes: number): string {
  if (bytes >= 1 << 20) return `${(bytes / (1 << 20)).toFixed(2)} Mb`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(2)} Kb` : `${bytes} b`;
}
