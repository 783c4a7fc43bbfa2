import type { Gradients, Node } from "../autograd/node.ts";
import type { BackwardRequest, GradcheckReport, Observer, OpEvent, ReadManner } from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { now } from "../base/clock.ts";
import { dtypes, isFloat } from "../base/dtype.ts";
import { TableWriter } from "./columns.ts";
import { gradcheckRow, numbersIn } from "./gradcheckRow.ts";
import type { RecordingChunk, TableChunks } from "./recording.ts";
import {
  EventKind,
  type GradcheckRow,
  Health,
  type PendingGradcheck,
  schema,
  type TableName,
  TensorFlag,
} from "./schema.ts";
import { type Statistics, statistics } from "./statistics.ts";
import { ActivationSampler } from "./watching/activations.ts";
import { AttributeTexts } from "./watching/attributes.ts";
import { isContainer, membersOf } from "./watching/containers.ts";
import { elementAt, elementsOf, healthOf, normFrom, squaresOf } from "./watching/elements.ts";
import { describeFailure } from "./watching/failures.ts";
import { histogramOf } from "./watching/histograms.ts";
import { type Birth, birthInNode, birthInOp, firstBad } from "./watching/incidents.ts";
import { KnownSums, noSums, type Sums } from "./watching/knownSums.ts";
import { isModular, type Modular, modulePaths, ownParametersOf } from "./watching/modulePaths.ts";
import { choosePortions, portionOf, portionSize } from "./watching/portions.ts";
import { UpdateSampler } from "./watching/updates.ts";

/** What the recorder is told about the program around the engine. */
export interface RecorderOptions {
  /** Where the user's program is now: the engine's `site`. */
  readonly site: { readonly current: number };
  /** Whether ops record a graph now. */
  readonly isRecording?: () => boolean;
  /** Takes finished chunks. */
  readonly emit: (chunk: RecordingChunk) => void;
  /** Values of tensors up to this many elements are kept with every event. Default 16. */
  readonly smallValues?: number;
  /** After this many events only steps, losses and gradients at the end are kept. Default 2,000,000. */
  readonly maxEvents?: number;
  /** Look at no values: costs alone count, and the recorder shall cost little itself. Default false. */
  readonly costsOnly?: boolean;
  /** End the program with an error where the first NaN is born. Default false: go on and collect all. */
  readonly stopAtNan?: boolean;
  /** Bytes of the tensors that are kept whole in the end; of the larger ones a sample is. Default 32 MB. */
  readonly keptBytes?: number;
  /** Makes a name that stands at the place of another one: `ws[0]` where `ws` was named. Gives its id. */
  readonly addName?: (base: number, name: string) => number;
  /** Whether looking at a value would run the user's traps. */
  readonly isProxy?: (value: object) => boolean;
}

type Writers = { readonly [K in TableName]: TableWriter<(typeof schema)[K]> };

/** Something with parameter groups: an optimizer. */
interface OptimizerLike {
  readonly paramGroups: Iterable<{ readonly params: Iterable<Tensor>; readonly lr?: number }>;
  readonly state?: ReadonlyMap<unknown, object>;
}

/** Ends a program that was asked to stop at the first NaN. */
class StoppedAtNan extends Error {
  override readonly name = "StoppedAtNan";

  constructor(where: string) {
    super(`the run was stopped at the first NaN, which ${where} has made`);
  }
}

const CHUNK_EVENTS = 8192;
/** Kept numbers leave in pieces of this many, so that nobody has to hold or to read all of them at once. */
const PIECE = 1 << 17;

const MAX_PASSING_LEAVES = 64;
/** Of leaves that are only elements of something, so many get a name. */
const MAX_NAMED_MEMBERS = 256;
/** More births of NaN and Inf than this are not described one by one. */
const MAX_BIRTHS = 20_000;

/** Watches the engine and writes what happens into tables, a chunk at a time. */
export class Recorder implements Observer {
  protected readonly options: Required<RecorderOptions>;
  protected readonly writers: Writers;
  private readonly began = now();
  private strings: string[] = [];
  private readonly stringIds = new Map<string, number>([["", 0]]);
  private shapes: (readonly number[])[] = [];
  private readonly shapeIds = new Map<string | number, number>([[0, 0]]);
  private gradchecks: GradcheckRow[] = [];
  private pendingGradcheck: PendingGradcheck | null = null;
  private pendingChanged = false;
  /** How many numbers of Jacobians are still recorded. */
  private jacobianBudget = 500_000;
  private symbols: (readonly [string, string])[] = [];
  /** What was said last about events that are not in the tables. */
  private told: string | null | undefined;
  private readonly symbolOf = new Set<string>();
  /** What ran after the tables were full; null until then. */
  private unlisted: { forward: number; backward: number } | null = null;
  private step = 0;
  private readonly scopeStack: number[] = [0];
  /** The module objects of the scopes, by number. */
  private readonly ownerStack: number[] = [0];
  private readonly owners = new Map<object, number>();
  /** Tensors whose figures are wanted at the end: the last one bound to each name, and all leaves with a gradient. */
  protected readonly lastBound = new Map<number, Tensor>();
  protected readonly leaves = new Map<number, Tensor>();
  protected readonly passingLeaves = new Map<number, Tensor>();
  private readonly roots = new Map<string, Modular>();
  /** Modules that were a field or an element of something else before they got this name. */
  private readonly aliases = new Map<string, Modular>();
  /** Modules in fields of other objects, with the field. */
  private readonly parts = new Map<Modular, string>();
  /** Lists, maps and plain objects, by name id, with their name. */
  private readonly containers = new Map<number, readonly [name: string, container: object]>();
  private readonly optimizers = new Set<OptimizerLike>();
  private readonly moduleNames = new Map<object, number>();
  private readonly updates = new UpdateSampler();
  private readonly activations = new ActivationSampler();
  private readonly attributes = new AttributeTexts();
  private readonly sums: Sums;
  private births = 0;
  private lastRoots: readonly Tensor[] = [];
  /** The events that began the backwards that are running, one inside the other. */
  private readonly backwards: number[] = [];

  constructor(options: RecorderOptions) {
    this.options = {
      smallValues: options.costsOnly === true ? 0 : 16,
      costsOnly: false,
      maxEvents: 2_000_000,
      isRecording: () => true,
      stopAtNan: false,
      keptBytes: 32 << 20,
      addName: (base) => base,
      isProxy: () => false,
      ...options,
    };
    this.sums = this.options.costsOnly ? noSums : new KnownSums();
    // Not filled name by name, which would make it a dictionary: slower to look into at every row.
    this.writers = Object.fromEntries(
      Object.entries(schema).map(([name, types]) => [name, new TableWriter(types)]),
    ) as unknown as Writers;
    // Row 0 means "none".
    this.writers.events.next();
    this.writers.tensors.next();
    this.writers.scopes.next();
  }

  // What the engine tells.

  op(event: OpEvent): void {
    if (this.isFull()) {
      this.unlistedSoFar.forward++;
      return;
    }
    if (!this.symbolOf.has(event.name)) {
      this.symbolOf.add(event.name);
      if (event.symbol !== event.name) this.symbols.push([event.name, event.symbol]);
    }
    const { inputs, outputs } = event;
    const cut = event.node === null && inputs.some((x) => x !== null && typeof x !== "number" && x.requiresGrad);
    const row = this.writers.events.count;
    const refs = this.writers.refs.count;
    for (const input of inputs) this.ref(input);
    let bad = 0;
    let norm = Number.NaN;
    for (let i = 0; i < outputs.length; i++) {
      const out = outputs[i];
      const sum = this.sums.of(out);
      const found = this.sums.health(out, sum);
      bad |= found;
      if (i === 0) norm = normFrom(sum, found);
      if (out === inputs[0]) this.keepSmall(out, row);
      this.madeBy(out, row, i, cut, found, sum);
      this.sums.keep(out, sum);
    }
    const born = bad === 0 ? null : birthInOp(event);
    if (born !== null) this.birth(row, born);
    if (!this.options.costsOnly) this.activation(row, event);
    if (event.node !== null) this.kept(row, event.node);
    this.event(
      EventKind.op,
      event.name,
      event.start,
      event.end,
      event.node?.sequence ?? 0,
      refs,
      inputs.length,
      outputs.length,
      bad,
      norm,
      this.attributes.of(event.name, event.attrs),
      this.options.site.current,
      event.op?.flops(inputs, outputs),
    );
    if (born !== null) this.stopAt(born, event.name);
  }

  backwardStart(roots: readonly (Tensor | null)[], _gradients: Gradients, request: BackwardRequest): void {
    this.lastRoots = roots.filter((root) => root !== null);
    const refs = this.writers.refs.count;
    for (const root of roots) this.ref(root);
    this.backwards.push(this.writers.events.count);
    const { inputs, createGraph, retainGraph } = request;
    for (const input of inputs ?? []) this.ref(input);
    const [root = null] = roots;
    const loss = root?.elements === 1 && roots.length === 1 ? elementAt(root, 0, []) : Number.NaN;
    const at = now();
    this.event(
      EventKind.backwardStart,
      "backward",
      at,
      at,
      root?.gradFn?.sequence ?? 0,
      refs,
      roots.length,
      inputs?.length ?? 0,
      0,
      loss,
      createGraph ? "createGraph" : retainGraph ? "retainGraph" : "",
    );
  }

  backwardEnd(error: unknown, captured: Gradients): void {
    const at = now();
    const row = this.writers.events.count;
    const refs = this.writers.refs.count;
    captured.forEach((gradient, i) => {
      if (gradient === null) this.ref(null);
      else this.madeBy(gradient, row, i, false, 0, Number.NaN);
    });
    const message = error === null ? "" : String(error);
    this.backwards.pop();
    this.event(EventKind.backwardEnd, "backward", at, at, 0, refs, 0, captured.length, 0, 0, message);
  }

  refused(roots: readonly (Tensor | null)[], error: unknown): void {
    const at = now();
    const refs = this.writers.refs.count;
    for (const root of roots) this.ref(root);
    this.event(EventKind.refused, "backward", at, at, 0, refs, roots.length, 0, 0, 0, String(error));
  }

  failed(node: Node, error: unknown): void {
    const at = now();
    const { culprit, detail } = describeFailure(node, error);
    const refs = this.writers.refs.count;
    if (culprit !== null) this.ref(culprit);
    const inputs = culprit === null ? 0 : 1;
    this.event(EventKind.failed, node.name, at, at, node.sequence, refs, inputs, 0, 0, 0, detail, node.site);
  }

  node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void {
    if (this.isFull()) {
      this.unlistedSoFar.backward++;
      return;
    }
    const row = this.writers.events.count;
    const refs = this.writers.refs.count;
    for (const g of gradOutputs) this.ref(g);
    const arrived = gradOutputs[0] ?? null;
    const norm = arrived === null ? Number.NaN : normFrom(this.sums.of(arrived), Health.inf);
    let bad = 0;
    for (let i = 0; i < gradInputs.length; i++) {
      const g = gradInputs[i];
      if (g === null || g === undefined) {
        this.ref(null);
        continue;
      }
      const sum = this.sums.of(g);
      const found = this.sums.health(g, sum);
      bad |= found;
      this.madeBy(g, row, i, false, found, sum);
      this.sums.keep(g, sum);
    }
    const born = bad === 0 ? null : birthInNode(node, gradOutputs, gradInputs);
    if (born !== null) this.birth(row, born);
    this.event(
      EventKind.node,
      node.name,
      start,
      end,
      node.sequence,
      refs,
      gradOutputs.length,
      gradInputs.length,
      bad,
      norm,
      "",
      node.site,
    );
    if (born !== null) this.stopAt(born, node.name);
  }

  accumulate(x: Tensor, incoming: Tensor): void {
    const row = this.see(x);
    this.keepLeaf(row, x);
    if (this.isFull()) return;
    const refs = this.writers.refs.count;
    const event = this.writers.events.count;
    const grad = x.ownGrad ?? incoming;
    this.ref(x);
    this.ref(incoming);
    const sum = this.sums.of(grad);
    const bad = this.sums.health(grad, sum);
    if (grad !== incoming) this.keepSmall(grad, event);
    this.madeBy(grad, event, 1, false, bad, sum);
    this.sums.keep(grad, sum);
    const at = now();
    this.event(
      EventKind.accumulate,
      "AccumulateGrad",
      at,
      at,
      x.gradFn?.sequence ?? 0,
      refs,
      1,
      2,
      bad,
      normFrom(sum, bad),
      "",
    );
  }

  /** A program may make leaves at every step: of those that are no parameters, only the latest are kept for their figures. */
  private keepLeaf(row: number, x: Tensor): void {
    if (x.isParameter) {
      this.leaves.set(row, x);
      return;
    }
    this.passingLeaves.set(row, x);
    if (this.passingLeaves.size > MAX_PASSING_LEAVES) {
      const [oldest] = this.passingLeaves.keys();
      if (oldest !== undefined) this.passingLeaves.delete(oldest);
    }
  }

  hook(kind: string, target: Node | Tensor, before: Tensor | null, after: Tensor | null): void {
    if (this.isFull()) return;
    const refs = this.writers.refs.count;
    this.ref(before);
    const owner = hookedTensor(target);
    if (owner !== null) this.ref(owner);
    this.ref(after);
    const at = now();
    const node = "sequence" in target ? target.sequence : (target.gradFn?.sequence ?? 0);
    const inputs = owner === null ? 1 : 2;
    this.event(EventKind.hook, kind, at, at, node, refs, inputs, 1, after === null ? 0 : healthOf(after), 0, "");
  }

  optimizerStart(optimizer: object, name: string): void {
    const parameters = this.parametersOf(optimizer as OptimizerLike);
    const refs = this.writers.refs.count;
    for (const p of parameters) this.ref(p);
    let sum = 0;
    for (const { ownGrad } of parameters) {
      this.ref(ownGrad);
      if (ownGrad !== null) sum += this.sums.of(ownGrad);
    }
    if (!this.options.costsOnly) this.updates.begin(optimizer, parameters);
    const at = now();
    const n = parameters.length;
    this.event(EventKind.optimizerStart, name, at, at, this.ownerId(optimizer), refs, n, n, 0, Math.sqrt(sum), "");
  }

  optimizerEnd(optimizer: object): void {
    const row = this.writers.events.count;
    for (const { tensor, size, change } of this.updates.end(optimizer)) {
      const { block, rows } = this.writers.updates;
      block.event[rows] = row;
      block.tensor[rows] = this.see(tensor);
      block.size[rows] = size;
      block.change[rows] = change;
      block.rate[rows] = rateOf(optimizer as OptimizerLike, tensor);
      this.writers.updates.next();
      this.spread(row, tensor, tensor, 0);
      if (tensor.ownGrad !== null) this.spread(row, tensor, tensor.ownGrad, 1);
    }
    if (!this.isFull()) {
      for (const { params } of (optimizer as OptimizerLike).paramGroups) for (const p of params) this.keepSmall(p, row);
    }
    const at = now();
    const id = this.ownerId(optimizer);
    const refs = this.writers.refs.count;
    this.ref(firstRate(optimizer as OptimizerLike));
    this.event(EventKind.optimizerEnd, "", at, at, id, refs, 1, 0, 0, stateBytes(optimizer as OptimizerLike), "");
    this.step++;
  }

  zeroGrad(owner: object): void {
    const at = now();
    const refs = this.writers.refs.count;
    let inputs = 0;
    // An optimizer that never steps is known by this alone.
    if (isOptimizer(owner) && !this.optimizers.has(owner)) {
      for (const p of this.parametersOf(owner)) {
        this.ref(p);
        inputs++;
      }
    }
    this.event(EventKind.zeroGrad, "zeroGrad", at, at, this.ownerId(owner), refs, inputs, 0, 0, 0, "");
  }

  clip(gradients: readonly Tensor[], limit: number, norm: number | null): void {
    const at = now();
    const refs = this.writers.refs.count;
    for (const gradient of gradients) this.ref(gradient);
    this.ref(limit);
    this.event(EventKind.clip, "clip", at, at, 0, refs, gradients.length, 1, 0, norm ?? -1, "");
  }

  read(source: Tensor, how: ReadManner, copy: Tensor | null): void {
    if (!source.requiresGrad || this.isFull()) return;
    const at = now();
    const refs = this.writers.refs.count;
    this.ref(source);
    if (copy !== null) this.ref(copy);
    this.event(EventKind.read, how, at, at, 0, refs, 1, copy === null ? 0 : 1, 0, 0, "");
  }

  gradMode(enabled: boolean): void {
    const at = now();
    const value = enabled ? 1 : 0;
    this.event(EventKind.gradMode, "setGradEnabled", at, at, 0, this.writers.refs.count, 0, 0, 0, value, "");
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
    this.ownerStack.push(owner === null ? 0 : this.ownerId(owner));
    const at = now();
    this.event(EventKind.scopeStart, name, at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
  }

  scopeEnd(): void {
    const at = now();
    this.event(EventKind.scopeEnd, "", at, at, 0, this.writers.refs.count, 0, 0, 0, 0, "");
    if (this.scopeStack.length === 1) return;
    this.scopeStack.pop();
    this.ownerStack.pop();
  }

  /** The garbage collector held up the program. Times as of `now()`. */
  collected(kind: number, start: number, end: number): void {
    const { block, rows } = this.writers.gc;
    block.start[rows] = start - this.began;
    block.end[rows] = end - this.began;
    block.kind[rows] = kind;
    this.writers.gc.next();
  }

  gradcheckStart(name: string, site: number): void {
    this.pendingGradcheck = { name, site };
    this.pendingChanged = true;
  }

  gradcheck(report: GradcheckReport): void {
    const row = gradcheckRow(report, this.writers.events.count, this.jacobianBudget);
    this.jacobianBudget -= row.pairs.reduce((sum, pair) => sum + numbersIn(pair), 0);
    this.gradchecks.push(row);
    this.pendingGradcheck = null;
    this.pendingChanged = true;
  }

  // What the program around the engine tells.

  /** A value was bound to a name: `const w1 = …`. Tensors take the first name they get; modules give their parameters paths. */
  bind(nameId: number, name: string, value: object, isAlias = false): void {
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
      if (!this.moduleNames.has(value)) this.moduleNames.set(value, nameId);
      if (name.startsWith("this.")) this.parts.set(value, name);
      else (isAlias ? this.aliases : this.roots).set(name, value);
    } else if (isContainer(value)) this.containers.set(nameId, [name, value]);
  }

  /** Hands out what there is so far. */
  flush(): void {
    const tables: Record<string, unknown> = {};
    for (const name of Object.keys(this.writers) as TableName[]) {
      const chunk = this.writers[name].take();
      if (chunk !== null) tables[name] = chunk;
    }
    const { strings, shapes, gradchecks, symbols } = this;
    const meta = this.meta();
    const { pendingGradcheck, pendingChanged } = this;
    const isEmpty =
      Object.keys(tables).length === 0 && strings.length === 0 && gradchecks.length === 0 && !pendingChanged;
    if (isEmpty && meta.meta?.truncated === this.told) return;
    this.told = meta.meta?.truncated;
    this.pendingChanged = false;
    this.strings = [];
    this.shapes = [];
    this.gradchecks = [];
    this.symbols = [];
    this.options.emit({
      tables: tables as TableChunks,
      strings,
      shapes,
      gradchecks,
      ...(pendingChanged ? { pendingGradcheck } : {}),
      symbols,
      ...meta,
    });
  }

  /** The run is over: adds paths of modules and the figures of what the user can name, and hands out the rest. */
  finish(): void {
    const contained = this.nameMembers();
    for (const named of [this.roots, contained, this.aliases]) this.describeModules([...named]);
    this.describeModules([...this.parts].map(([part, name]) => [name, part]));
    this.describeOptimizers();
    const wanted = new Map<number, Tensor>([...this.passingLeaves, ...this.leaves]);
    for (const x of this.lastBound.values()) wanted.set(this.see(x), x);
    for (const x of this.lastRoots) wanted.set(this.see(x), x);
    for (const [row, x] of wanted) {
      this.figures(row, x, 0, statistics(elementsOf(x)));
      if (x.ownGrad !== null) this.figures(row, x, 1, statistics(elementsOf(x.ownGrad)));
    }
    this.keepNumbers(wanted);
    this.flush();
  }

  /** Tells what the modules and parameters are called that the program has so far. It is told again in the end, when all is known. */
  protected describeSoFar(): void {
    if (this.roots.size === this.describedRoots) return;
    this.describedRoots = this.roots.size;
    this.describeModules([...this.roots]);
    this.describedModules.clear();
    this.describedParameters.clear();
  }

  private describedRoots = 0;

  private keepNumbers(wanted: ReadonlyMap<number, Tensor>): void {
    const event = this.writers.events.count - 1;
    for (const { row, of, tensor, steps } of choosePortions(wanted, this.options.keptBytes)) {
      this.portion(row, of, tensor, event, steps);
      for (const numbers of portionOf(tensor, steps, PIECE)) this.numbers(tensor, numbers);
    }
  }

  /** What was just written into a tensor that is small enough to be followed; one that is new tells its values anyway. */
  private keepSmall(x: Tensor, event: number): void {
    if (x.elements > this.options.smallValues || !x.dense || x.traceRow === 0) return;
    this.portion(x.traceRow, 0, x, event, null);
    const { values } = x.storage;
    const writer = x.dtype === "float32" ? this.writers.singles : this.writers.doubles;
    for (let i = 0; i < x.elements; i++) {
      writer.block.value[writer.rows] = values[x.offset + i];
      writer.next();
    }
  }

  /** A row of `portions`, to be followed by its numbers. */
  private portion(row: number, of: 0 | 1, x: Tensor, event: number, steps: readonly number[] | null): void {
    const isDouble = x.dtype !== "float32";
    const { block, rows } = this.writers.portions;
    block.tensor[rows] = row;
    block.of[rows] = of;
    block.event[rows] = event;
    block.steps[rows] = steps === null ? this.onesFor(x.shape.length) : this.shape(steps);
    block.isDouble[rows] = isDouble ? 1 : 0;
    block.first[rows] = isDouble ? this.writers.doubles.count : this.writers.singles.count;
    block.count[rows] = steps === null ? x.elements : portionSize(x.shape, steps);
    this.writers.portions.next();
  }

  private numbers(x: Tensor, numbers: ArrayLike<number>): void {
    (x.dtype === "float32" ? this.writers.singles : this.writers.doubles).push("value", numbers);
    if (this.writers.singles.rows + this.writers.doubles.rows >= PIECE) this.flush();
  }

  /** The shape of `rank` ones. */
  private onesFor(rank: number): number {
    this.ones[rank] ??= this.shape(new Array<number>(rank).fill(1));
    return this.ones[rank];
  }

  private readonly ones: number[] = [];

  /** Names leaves without a name after the list or object they are in, and gives the modules that are in one. */
  private nameMembers(): Map<string, Modular> {
    const modules = new Map<string, Modular>();
    const { isProxy, addName } = this.options;
    const isWanted = (value: object): boolean => isTensor(value) || isModular(value);
    let left = MAX_NAMED_MEMBERS;
    for (const [nameId, [name, container]] of this.containers) {
      for (const [path, member] of membersOf(container, isWanted, isProxy)) {
        if (isModular(member)) modules.set(name + path, member);
        else if (isTensor(member) && member.name === null && member.leafRequiresGrad && left-- > 0)
          this.bind(addName(nameId, name + path), name + path, member);
      }
    }
    return modules;
  }

  /** Tells the paths of modules and parameters that have none yet. */
  private describeModules(named: readonly (readonly [name: string, module: Modular])[]): void {
    for (const [path, module] of modulePaths(named.filter(([, module]) => !this.describedModules.has(module)))) {
      if (this.describedModules.has(module)) continue;
      this.describedModules.add(module);
      const { block, rows } = this.writers.modules;
      block.name[rows] = this.moduleNames.get(module) ?? 0;
      block.owner[rows] = this.ownerId(module);
      block.path[rows] = this.text(path);
      block.type[rows] = this.text(module.constructor.name);
      this.writers.modules.next();
      this.describeParameters(path, module);
    }
  }

  /** A user's object can look like a module without being one; that must not cost the recording. */
  private describeParameters(path: string, module: Modular): void {
    try {
      for (const [name, parameter] of ownParametersOf(module)) {
        const row = this.see(parameter);
        if (this.describedParameters.has(row)) continue;
        this.leaves.set(row, parameter);
        this.parameter(row, `${path}.${name}`, this.isOptimized(parameter));
      }
    } catch {
      // What it would have told is left out: it was no module after all.
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
  private readonly describedModules = new Set<object>();

  private parameter(row: number, path: string, inOptimizer: boolean): void {
    this.describedParameters.add(row);
    const { block, rows } = this.writers.parameters;
    block.tensor[rows] = row;
    block.path[rows] = this.text(path);
    block.inOptimizer[rows] = inOptimizer ? 1 : 0;
    this.writers.parameters.next();
  }

  private isOptimized(x: Tensor): boolean {
    for (const optimizer of this.optimizers)
      for (const { params } of optimizer.paramGroups) for (const p of params) if (p === x) return true;
    return false;
  }

  private parametersOf(optimizer: OptimizerLike): Tensor[] {
    this.optimizers.add(optimizer);
    const found: Tensor[] = [];
    for (const { params } of optimizer.paramGroups) for (const p of params) found.push(p);
    return found;
  }

  protected figures(row: number, x: Tensor, of: 0 | 1, s: Statistics): void {
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
    return this.writers.events.count >= this.options.maxEvents;
  }

  private get unlistedSoFar(): { forward: number; backward: number } {
    this.unlisted ??= { forward: 0, backward: 0 };
    return this.unlisted;
  }

  /** What there is to say about the whole run, or nothing. */
  private meta(): Pick<RecordingChunk, "meta"> {
    if (this.unlisted === null) return {};
    const { forward, backward } = this.unlisted;
    const kept = this.options.maxEvents.toLocaleString("en");
    const truncated = `only the first ${kept} events were recorded; the ${(forward + backward).toLocaleString("en")} ops after them are counted, and of those nothing else is known`;
    return { meta: { truncated, unlisted: { forward, backward } } };
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
    flops = 0,
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
    block.flops[rows] = flops;
    events.next();
    this.written(kind, name, site, bad, value);
    if (events.rows >= CHUNK_EVENTS) this.flush();
  }

  /** An event has just been written. For those who do more than record. */
  protected written(_kind: number, _name: string, _site: number, _bad: number, _value: number): void {}

  private ref(x: Tensor | number | null): void {
    const { block, rows } = this.writers.refs;
    block.tensor[rows] = x === null || typeof x === "number" ? 0 : this.see(x);
    block.value[rows] = typeof x === "number" ? x : Number.NaN;
    this.writers.refs.next();
  }

  /** A gradient on its way that was not seen before is a sum of several: the running backward made it. */
  private passing(x: Tensor): number {
    const sum = this.sums.of(x);
    const row = this.tensor(
      x,
      this.backwards[this.backwards.length - 1],
      0,
      false,
      this.sums.health(x, sum),
      sum === 0,
    );
    this.sums.keep(x, sum);
    return row;
  }

  /** The row of a tensor, written when it is first seen. */
  protected see(x: Tensor): number {
    if (x.traceRow !== 0) return x.traceRow;
    return this.backwards.length > 0 ? this.passing(x) : this.tensor(x, 0, 0, false, 0, false);
  }

  /** An output of the event about to be written. A tensor seen before is one that an in-place op changed. */
  private madeBy(x: Tensor, event: number, output: number, cut: boolean, bad: number, sum: number): void {
    if (x.traceRow === 0) this.tensor(x, event, output, cut, bad, sum === 0);
    this.ref(x);
  }

  /** NaN that the program put in itself is meant, and infinities may still be. */
  private stopAt({ value, cause }: Birth, where: string): void {
    if (this.options.stopAtNan && Number.isNaN(value) && cause !== "given") throw new StoppedAtNan(where);
  }

  private birth(event: number, born: Birth): void {
    if (this.births >= MAX_BIRTHS) return;
    this.births++;
    const { block, rows } = this.writers.births;
    block.event[rows] = event;
    block.tensor[rows] = this.see(born.tensor);
    block.element[rows] = born.element;
    block.value[rows] = born.value;
    block.cause[rows] = this.text(born.cause);
    block.values[rows] = this.writers.values.count;
    block.valueCount[rows] = born.values.length;
    for (const value of born.values) this.value(value);
    this.writers.births.next();
  }

  /** Tensors that the op's node keeps. What a saved-tensor hook made of one is the hook's. */
  private kept(event: number, { kept }: Node): void {
    for (let i = 0; i < kept.length; i++) {
      const x = kept[i];
      if (!isTensor(x)) continue;
      const { block, rows } = this.writers.kept;
      block.event[rows] = event;
      block.tensor[rows] = this.see(x);
      this.writers.kept.next();
    }
  }

  /** The histogram of a parameter's value or gradient. */
  private spread(event: number, parameter: Tensor, x: Tensor, of: 0 | 1): void {
    const found = histogramOf(x);
    if (found === null) return;
    const { block, rows } = this.writers.histograms;
    block.event[rows] = event;
    block.tensor[rows] = this.see(parameter);
    block.of[rows] = of;
    block.low[rows] = found.low;
    block.high[rows] = found.high;
    block.values[rows] = this.writers.values.count;
    block.valueCount[rows] = found.counts.length;
    for (const count of found.counts) this.value(count);
    this.writers.histograms.next();
  }

  private activation(event: number, op: OpEvent): void {
    const place = this.options.site.current * 4096 + this.ownerStack[this.ownerStack.length - 1];
    const found = this.activations.look(op, place);
    if (found === null) return;
    const { block, rows } = this.writers.activations;
    block.event[rows] = event;
    block.units[rows] = found.units;
    block.dead[rows] = found.dead;
    block.saturated[rows] = found.saturated;
    this.writers.activations.next();
  }

  private tensor(x: Tensor, event: number, output: number, cut: boolean, bad: number, zero: boolean): number {
    const { tensors } = this.writers;
    const isRead = event === 0 && !this.options.costsOnly;
    const sum = isRead ? squaresOf(x) : Number.NaN;
    const found = isRead && sum - sum !== 0 ? healthOf(x) : bad;
    const row = tensors.count;
    const { block, rows } = tensors;
    const { gradFn } = x;
    block.shape[rows] = this.shape(x.shape);
    block.dtype[rows] = dtypes.indexOf(x.dtype);
    block.flags[rows] =
      flagsOf(x, cut) |
      (cut && !this.options.isRecording() ? TensorFlag.unrecorded : 0) |
      ((zero || sum === 0) && isFloat(x.dtype) ? TensorFlag.zero : 0);
    block.health[rows] = found;
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
      else for (let i = 0; i < x.elements; i++) this.value(elementAt(x, i, x.shape));
    }
    tensors.next();
    x.traceRow = row;
    if (event === 0 && found !== 0) this.birth(0, dataFault(x, found));
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

  protected text(text: string): number {
    if (text === "") return 0;
    let id = this.stringIds.get(text);
    if (id === undefined) {
      id = this.stringIds.size;
      this.stringIds.set(text, id);
      this.strings.push(text);
    }
    return id;
  }

  private shape(shape: readonly number[]): number {
    const key = shapeKey(shape);
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

/** Data that the user made with NaN or Inf in it. */
function dataFault(x: Tensor, bad: number): Birth {
  const isNan = (bad & Health.nan) !== 0;
  const element = firstBad(x, isNan ? Health.nan : Health.inf);
  const value = elementAt(x, element, x.shape);
  return { tensor: x, element, value, cause: isNan ? "nan-in-data" : "given", values: [] };
}

/** Learning rate of the first group; NaN when there is none. */
function firstRate({ paramGroups }: OptimizerLike): number {
  for (const { lr } of paramGroups) return typeof lr === "number" ? lr : Number.NaN;
  return Number.NaN;
}

/** Bytes of the tensors that an optimizer remembers. */
function stateBytes({ state }: OptimizerLike): number {
  let bytes = 0;
  for (const remembered of state?.values() ?? [])
    for (const value of Object.values(remembered)) if (isTensor(value)) bytes += value.nbytes;
  return bytes;
}

function rateOf(optimizer: OptimizerLike, x: Tensor): number {
  for (const { params, lr } of optimizer.paramGroups) for (const p of params) if (p === x) return lr ?? Number.NaN;
  return Number.NaN;
}

/** The tensor whose gradient a hook sees; null for a node inside of the graph, which may have several results. */
export function hookedTensor(target: Node | Tensor): Tensor | null {
  if (!("sequence" in target)) return target;
  return "variable" in target && isTensor(target.variable) ? target.variable : null;
}

/** What tells shapes apart: a number of 30 bits for those of few and small dimensions, as most are. */
function shapeKey(shape: readonly number[]): string | number {
  const a = shape.length > 0 ? shape[0] : 0;
  const b = shape.length > 1 ? shape[1] : 0;
  if (shape.length > 2 || a >= 2 ** 14 || b >= 2 ** 14) return shape.join();
  return (b * 2 ** 14 + a) * 4 + shape.length;
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value && "leafRequiresGrad" in value;
}

function isOptimizer(value: object): value is OptimizerLike {
  return Symbol.iterator in ((value as { paramGroups?: object }).paramGroups ?? {});
}
