import type { Gradients, Node } from "../autograd/node.ts";
import type { GradcheckReport, Observer, OpEvent } from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { now } from "../base/clock.ts";
import { dtypes, isFloat } from "../base/dtype.ts";
import { TableWriter } from "./columns.ts";
import type { RecordingChunk, TableChunks } from "./recording.ts";
import { EventKind, type GradcheckRow, schema, TensorFlag, type TableName } from "./schema.ts";
import { health, type Statistics, statistics, sumOfSquares } from "./statistics.ts";

/** What the recorder is told about the program around the engine. */
export interface RecorderOptions {
  /** Where the user's program is now: the engine's `site`. */
  readonly site: { readonly current: number };
  /** Takes finished chunks. */
  readonly emit: (chunk: RecordingChunk) => void;
  /** Values of tensors up to this many elements are kept with every event. Default 16. */
  readonly smallValues?: number;
  /** After this many events only steps, losses and gradients at the end are kept. Default 2,000,000. */
  readonly maxEvents?: number;
}

type Writers = { readonly [K in TableName]: TableWriter<(typeof schema)[K]> };

/** Something with named parameters: a module. Known by shape, so that recording does not depend on nn. */
interface Modular {
  namedParameters(): Iterable<readonly [string, Tensor]>;
  namedModules?(): Iterable<readonly [string, object]>;
}

/** Something with parameter groups: an optimizer. */
interface OptimizerLike {
  readonly paramGroups: Iterable<{ readonly params: Iterable<Tensor> }>;
}

const CHUNK_EVENTS = 8192;

/** Watches the engine and writes what happens into tables, a chunk at a time. */
export class Recorder implements Observer {
  private readonly options: Required<RecorderOptions>;
  private readonly writers: Writers;
  private readonly began = now();
  private strings: string[] = [];
  private readonly stringIds = new Map<string, number>([["", 0]]);
  private shapes: (readonly number[])[] = [];
  private readonly shapeIds = new Map<string, number>([["", 0]]);
  private gradchecks: GradcheckRow[] = [];
  private symbols: (readonly [string, string])[] = [];
  private readonly symbolOf = new Set<string>();
  private truncated = false;
  private step = 0;
  private readonly scopeStack: number[] = [0];
  private readonly owners = new Map<object, number>();
  /** Tensors whose figures are wanted at the end: the last one bound to each name, and all leaves with a gradient. */
  private readonly lastBound = new Map<number, Tensor>();
  private readonly leaves = new Map<number, Tensor>();
  private readonly roots = new Map<string, object>();
  private readonly optimizers = new Set<OptimizerLike>();
  private lastRoots: readonly Tensor[] = [];

  constructor(options: RecorderOptions) {
    this.options = { smallValues: 16, maxEvents: 2_000_000, ...options };
    const writers = {} as Record<string, unknown>;
    for (const name of Object.keys(schema) as TableName[]) writers[name] = new TableWriter<(typeof schema)[TableName]>(schema[name]);
    this.writers = writers as Writers;
    // Row 0 means "none".
    this.writers.events.next();
    this.writers.tensors.next();
    this.writers.scopes.next();
  }

  // What the engine tells.

  op(event: OpEvent): void {
    if (this.isFull()) return;
    if (!this.symbolOf.has(event.name)) {
      this.symbolOf.add(event.name);
      if (event.symbol !== event.name) this.symbols.push([event.name, event.symbol]);
    }
    const { inputs, outputs } = event;
    const cut = event.node === null && inputs.some((x) => x !== null && typeof x !== "number" && x.requiresGrad);
    let bad = 0;
    for (const out of outputs) bad |= healthOf(out);
    const row = this.writers.events.count;
    const refs = this.writers.refs.count;
    for (const input of inputs) this.ref(input);
    for (let i = 0; i < outputs.length; i++) this.madeBy(outputs[i], row, i, cut);
    this.event(EventKind.op, event.name, event.start, event.end, event.node?.sequence ?? 0, refs, inputs.length, outputs.length, bad, 0, describeAttrs(event.attrs));
  }

  backwardStart(roots: readonly Tensor[], _gradients: Gradients): void {
    this.lastRoots = roots;
    const refs = this.writers.refs.count;
    for (const root of roots) this.ref(root);
    const loss = roots.length === 1 && roots[0].elements === 1 ? roots[0].item() : Number.NaN;
    const at = now();
    this.event(EventKind.backwardStart, "backward", at, at, roots[0]?.gradFn?.sequence ?? 0, refs, roots.length, 0, 0, loss, "");
  }

  backwardEnd(error: unknown): void {
    const at = now();
    const refs = this.writers.refs.count;
    this.event(EventKind.backwardEnd, "backward", at, at, 0, refs, 0, 0, 0, 0, error === null ? "" : String(error));
  }

  node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void {
    if (this.isFull()) return;
    let bad = 0;
    for (const g of gradInputs) if (g !== null && g !== undefined) bad |= healthOf(g);
    const row = this.writers.events.count;
    const refs = this.writers.refs.count;
    for (const g of gradOutputs) this.ref(g);
    gradInputs.forEach((g, i) => {
      if (g === null || g === undefined) this.ref(null);
      else this.madeBy(g, row, i, false);
    });
    this.event(EventKind.node, node.name, start, end, node.sequence, refs, gradOutputs.length, gradInputs.length, bad, 0, "", node.site);
  }

  accumulate(x: Tensor, incoming: Tensor): void {
    const row = this.see(x);
    this.leaves.set(row, x);
    if (this.isFull()) return;
    const refs = this.writers.refs.count;
    this.ref(x);
    this.ref(incoming);
    const at = now();
    this.event(EventKind.accumulate, "AccumulateGrad", at, at, x.gradFn?.sequence ?? 0, refs, 1, 1, healthOf(x.ownGrad ?? incoming), 0, "");
  }

  hook(kind: string, target: Node | Tensor, before: Tensor | null, after: Tensor | null): void {
    if (this.isFull()) return;
    const refs = this.writers.refs.count;
    this.ref(before);
    this.ref(after);
    const at = now();
    const node = "sequence" in target ? target.sequence : (target.gradFn?.sequence ?? 0);
    this.event(EventKind.hook, kind, at, at, node, refs, 1, 1, after === null ? 0 : healthOf(after), 0, "");
  }

  optimizerStart(optimizer: object, name: string): void {
    const known = optimizer as OptimizerLike;
    this.optimizers.add(known);
    let squares = 0;
    for (const { params } of known.paramGroups) {
      for (const p of params) {
        const g = p.ownGrad;
        if (g !== null) squares += g.dense ? sumOfSquares(g.storage.values, g.offset, g.elements) : sumOfSquares(g.toArray(), 0, g.elements);
      }
    }
    const at = now();
    this.event(EventKind.optimizerStart, name, at, at, 0, this.writers.refs.count, 0, 0, 0, Math.sqrt(squares), "");
  }

  optimizerEnd(_optimizer: object): void {
    const at = now();
    this.event(EventKind.optimizerEnd, "", at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
    this.step++;
  }

  zeroGrad(_owner: object): void {
    const at = now();
    this.event(EventKind.zeroGrad, "zeroGrad", at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
  }

  scopeStart(owner: object | null, name: string): void {
    const scopes = this.writers.scopes;
    const row = scopes.count;
    const { block, rows } = scopes;
    block.parent[rows] = this.scope;
    block.name[rows] = this.text(name);
    block.type[rows] = this.text(owner === null ? "" : owner.constructor.name);
    block.owner[rows] = owner === null ? 0 : this.ownerId(owner);
    scopes.next();
    this.scopeStack.push(row);
    const at = now();
    this.event(EventKind.scopeStart, name, at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
  }

  scopeEnd(): void {
    const at = now();
    this.event(EventKind.scopeEnd, "", at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
    if (this.scopeStack.length > 1) this.scopeStack.pop();
  }

  gradcheck(report: GradcheckReport): void {
    const { name, passed, maxAbsError, maxRelError, worst, diagnosis } = report;
    this.gradchecks.push({ name, site: report.site, event: this.writers.events.count, passed, maxAbsError, maxRelError, worst, diagnosis });
  }

  // What the program around the engine tells.

  /** A value was bound to a name: `const w1 = …`. Tensors take the first name they get; modules give their parameters paths. */
  bind(nameId: number, name: string, value: unknown): void {
    if (isTensor(value)) {
      value.name ??= name;
      const row = this.see(value);
      const { block, rows } = this.writers.bindings;
      block.tensor[rows] = row;
      block.name[rows] = nameId;
      block.event[rows] = this.writers.events.count - 1;
      this.writers.bindings.next();
      this.lastBound.set(nameId, value);
    } else if (isModular(value)) {
      if (!name.startsWith("this.")) this.roots.set(name, value);
    }
  }

  /** Hands out what there is so far. */
  flush(): void {
    const tables: Record<string, unknown> = {};
    for (const name of Object.keys(this.writers) as TableName[]) {
      const chunk = this.writers[name].take();
      if (chunk !== null) tables[name] = chunk;
    }
    const { strings, shapes, gradchecks, symbols } = this;
    if (Object.keys(tables).length === 0 && strings.length === 0 && gradchecks.length === 0) return;
    this.strings = [];
    this.shapes = [];
    this.gradchecks = [];
    this.symbols = [];
    this.options.emit({
      tables: tables as TableChunks,
      strings,
      shapes,
      gradchecks,
      symbols,
      ...(this.truncated ? { meta: { truncated: `only the first ${this.options.maxEvents} events were recorded` } } : {}),
    });
  }

  /** The run is over: adds paths of modules and the figures of what the user can name, and hands out the rest. */
  finish(): void {
    for (const [name, root] of this.roots) this.describeModule(name, root as Modular);
    this.describeOptimizers();
    const wanted = new Map<number, Tensor>(this.leaves);
    for (const x of this.lastBound.values()) wanted.set(this.see(x), x);
    for (const x of this.lastRoots) wanted.set(this.see(x), x);
    for (const [row, x] of wanted) {
      this.figures(row, x, 0, statistics(x.toArray()));
      if (x.ownGrad !== null) this.figures(row, x, 1, statistics(x.ownGrad.toArray()));
    }
    this.flush();
  }

  private describeModule(name: string, root: Modular): void {
    for (const [path, module] of root.namedModules?.() ?? []) {
      const { block, rows } = this.writers.modules;
      block.owner[rows] = this.ownerId(module);
      block.path[rows] = this.text(path === "" ? name : `${name}.${path}`);
      block.type[rows] = this.text(module.constructor.name);
      this.writers.modules.next();
    }
    for (const [path, parameter] of root.namedParameters()) {
      const row = this.see(parameter);
      this.leaves.set(row, parameter);
      this.parameter(row, `${name}.${path}`, this.isOptimized(parameter));
    }
  }

  private describeOptimizers(): void {
    for (const optimizer of this.optimizers) {
      for (const { params } of optimizer.paramGroups) {
        for (const p of params) {
          const row = this.see(p);
          this.leaves.set(row, p);
          if (!this.describedParameters.has(row)) this.parameter(row, p.name ?? "", true);
        }
      }
    }
  }

  private readonly describedParameters = new Set<number>();

  private parameter(row: number, path: string, inOptimizer: boolean): void {
    this.describedParameters.add(row);
    const { block, rows } = this.writers.parameters;
    block.tensor[rows] = row;
    block.path[rows] = this.text(path);
    block.inOptimizer[rows] = inOptimizer ? 1 : 0;
    this.writers.parameters.next();
  }

  private isOptimized(x: Tensor): boolean {
    for (const optimizer of this.optimizers) for (const { params } of optimizer.paramGroups) for (const p of params) if (p === x) return true;
    return false;
  }

  private figures(row: number, x: Tensor, of: 0 | 1, s: Statistics): void {
    const { block, rows } = this.writers.stats;
    block.tensor[rows] = row;
    block.of[rows] = of;
    block.event[rows] = this.writers.events.count - 1;
    block.numel[rows] = s.numel;
    block.min[rows] = s.min;
    block.max[rows] = s.max;
    block.mean[rows] = s.mean;
    block.std[rows] = s.std;
    block.norm[rows] = s.norm;
    block.zeros[rows] = s.zeros;
    block.nan[rows] = s.nan;
    block.inf[rows] = s.inf;
    block.flags[rows] = flagsOf(x, false);
    block.gradFn[rows] = this.text(x.gradFn?.name ?? "");
    block.sample[rows] = this.writers.values.count;
    block.sampleCount[rows] = s.sample.length;
    for (const x of s.sample) this.value(x);
    this.writers.stats.next();
  }

  // Rows.

  private get scope(): number {
    return this.scopeStack[this.scopeStack.length - 1];
  }

  private isFull(): boolean {
    if (this.writers.events.count < this.options.maxEvents) return false;
    this.truncated = true;
    return true;
  }

  private event(
    kind: number,
    name: string,
    start: number,
    end: number,
    node: number,
    refs: number,
    inputs: number,
    outputs: number,
    bad: number,
    value: number,
    detail: string,
    site = this.options.site.current,
  ): void {
    const { events } = this.writers;
    const { block, rows } = events;
    block.kind[rows] = kind;
    block.name[rows] = this.text(name);
    block.site[rows] = site;
    block.scope[rows] = this.scope;
    block.step[rows] = this.step;
    block.start[rows] = start - this.began;
    block.end[rows] = end - this.began;
    block.node[rows] = node;
    block.refs[rows] = refs;
    block.inputs[rows] = inputs;
    block.outputs[rows] = outputs;
    block.health[rows] = bad;
    block.value[rows] = value;
    block.detail[rows] = this.text(detail);
    events.next();
    if (events.rows >= CHUNK_EVENTS) this.flush();
  }

  private ref(x: Tensor | number | null): void {
    const { block, rows } = this.writers.refs;
    block.tensor[rows] = x === null || typeof x === "number" ? 0 : this.see(x);
    block.value[rows] = typeof x === "number" ? x : Number.NaN;
    this.writers.refs.next();
  }

  /** The row of a tensor, written when it is first seen. */
  private see(x: Tensor): number {
    return x.traceRow === 0 ? this.tensor(x, 0, 0, false) : x.traceRow;
  }

  /** An output of the event about to be written. A tensor seen before is one that an in-place op changed. */
  private madeBy(x: Tensor, event: number, output: number, cut: boolean): void {
    if (x.traceRow === 0) this.tensor(x, event, output, cut);
    this.ref(x);
  }

  private tensor(x: Tensor, event: number, output: number, cut: boolean): number {
    const { tensors } = this.writers;
    const row = tensors.count;
    const { block, rows } = tensors;
    const { gradFn } = x;
    block.shape[rows] = this.shape(x.shape);
    block.dtype[rows] = dtypes.indexOf(x.dtype);
    block.flags[rows] = flagsOf(x, cut);
    block.health[rows] = event === 0 ? healthOf(x) : 0;
    block.event[rows] = event;
    block.output[rows] = output;
    block.site[rows] = this.options.site.current;
    block.gradFn[rows] = gradFn === null ? 0 : this.text(gradFn.name);
    block.values[rows] = this.writers.values.count;
    const small = x.elements <= this.options.smallValues;
    block.valueCount[rows] = small ? x.elements : 0;
    block.bytes[rows] = x.nbytes;
    if (small) {
      if (x.dense) for (let i = 0; i < x.elements; i++) this.value(x.storage.values[x.offset + i]);
      else for (const value of x.toArray()) this.value(value);
    }
    tensors.next();
    x.traceRow = row;
    return row;
  }

  private value(x: number): void {
    const { block, rows } = this.writers.values;
    block.value[rows] = x;
    this.writers.values.next();
  }

  private ownerId(owner: object): number {
    let id = this.owners.get(owner);
    if (id === undefined) {
      id = this.owners.size + 1;
      this.owners.set(owner, id);
    }
    return id;
  }

  private text(text: string): number {
    let id = this.stringIds.get(text);
    if (id === undefined) {
      id = this.stringIds.size;
      this.stringIds.set(text, id);
      this.strings.push(text);
    }
    return id;
  }

  private shape(shape: readonly number[]): number {
    const key = shape.join();
    let id = this.shapeIds.get(key);
    if (id === undefined) {
      id = this.shapeIds.size;
      this.shapeIds.set(key, id);
      this.shapes.push(shape);
    }
    return id;
  }
}

function flagsOf(x: Tensor, cut: boolean): number {
  const isLeaf = x.gradFn === null;
  return (
    (isLeaf ? TensorFlag.leaf : 0) |
    (!isLeaf || x.leafRequiresGrad ? TensorFlag.requiresGrad : 0) |
    (x.isParameter ? TensorFlag.parameter : 0) |
    (x.retainsGrad ? TensorFlag.retainsGrad : 0) |
    (x.isInference ? TensorFlag.inference : 0) |
    (x.viewOf === null ? 0 : TensorFlag.view) |
    (cut ? TensorFlag.cut : 0)
  );
}

function healthOf(x: Tensor): number {
  if (!isFloat(x.dtype)) return 0;
  return x.dense ? health(x.storage.values, x.offset, x.elements) : health(x.toArray(), 0, x.elements);
}

/** Attributes as text for people: numbers, strings, booleans and short lists; nothing else. */
function describeAttrs(attrs: unknown): string {
  if (attrs === null || attrs === undefined || typeof attrs !== "object") return "";
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(attrs)) {
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") shown[key] = value;
    else if (Array.isArray(value) && value.length <= 8 && value.every((item) => typeof item === "number")) shown[key] = value;
  }
  return Object.keys(shown).length === 0 ? "" : JSON.stringify(shown);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value && "leafRequiresGrad" in value;
}

function isModular(value: unknown): value is Modular {
  return typeof value === "object" && value !== null && typeof (value as { namedParameters?: unknown }).namedParameters === "function";
}

