import type { Gradients, Node } from "../../autograd/node.ts";
import type { BackwardRequest, OpEvent, ReadManner } from "../../autograd/observer.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { hookedTensor, Recorder, type RecorderOptions } from "../recorder.ts";
import { EventKind } from "../schema.ts";
import { CompiledStops } from "./compiledStops.ts";
import type { DebugCommand, DebugLine, DebugReport, LiveEdit } from "./debugContract.ts";
import { noStops } from "./debugContract.ts";
import { EventLevels } from "./eventLevels.ts";
import { LiveTensors } from "./liveTensors.ts";
import { ValueKeeper } from "./valueKeeper.ts";

/** What a debugged run needs besides what a recorded one does. */
export interface DebugRecorderOptions extends RecorderOptions {
  readonly line: DebugLine;
  /** A copy outside of any graph, of which nobody is told. */
  readonly copyOf: (x: Tensor) => Tensor;
}

/**
 * Records like `Recorder`, and after each event stands still if the debugger wants to look at it. While it stands, the
 * debugger may write to live tensors. It also keeps what tensors hold, as far as the debugger asks for that.
 */
export class DebugRecorder extends Recorder {
  private readonly line: DebugLine;
  private readonly copyOf: (x: Tensor) => Tensor;
  private readonly levels = new EventLevels();
  private readonly keeper: ValueKeeper;
  private stops = new CompiledStops(noStops);
  private keeps = false;
  /** Whether anybody may want to see live tensors. */
  private isWatching = false;
  /** What the event being told of is about. */
  private live = LiveTensors.none;

  constructor({ line, copyOf, ...options }: DebugRecorderOptions) {
    super(options);
    this.line = line;
    this.copyOf = copyOf;
    const { snapshots, gradients, saved, singles, doubles } = this.writers;
    this.keeper = new ValueKeeper({
      snapshots,
      gradients,
      saved,
      singles,
      doubles,
      see: (x) => this.see(x),
      text: (text) => this.text(text),
      figures: (row, x, found) => this.figures(row, x, 0, found),
      smallValues: this.options.smallValues,
    });
  }

  /** A file was loaded: its calls have numbers now, and the debugger knows where to stop in it. */
  loaded(file: string): void {
    this.stand({ kind: "loaded", file });
  }

  /** The program is between two events, or in a loop without any. */
  listen(): void {
    if (!this.line.isWanted()) return;
    this.keepReachable();
    this.stand({ kind: "asked", event: this.lastEvent });
  }

  override op(event: OpEvent): void {
    if (this.isWatching) this.live = new LiveTensors(event.inputs, event.outputs, null, event.node);
    super.op(event);
  }

  override backwardStart(roots: readonly (Tensor | null)[], gradients: Gradients, request: BackwardRequest): void {
    if (this.isWatching) this.live = new LiveTensors(roots, gradients, null, null);
    super.backwardStart(roots, gradients, request);
  }

  override node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void {
    if (this.isWatching) this.live = new LiveTensors(gradOutputs, gradInputs, gradInputs, null);
    super.node(node, gradOutputs, gradInputs, start, end);
  }

  override accumulate(x: Tensor, incoming: Tensor): void {
    if (this.isWatching) this.live = new LiveTensors([x, incoming], [x.ownGrad], null, null);
    super.accumulate(x, incoming);
  }

  override hook(kind: string, target: Node | Tensor, before: Tensor | null, after: Tensor | null): void {
    if (this.isWatching) this.live = new LiveTensors([before, hookedTensor(target)], [after], null, null);
    super.hook(kind, target, before, after);
  }

  override clip(gradients: readonly Tensor[], limit: number, norm: number | null): void {
    if (this.isWatching) this.live = new LiveTensors(gradients, [], null, null);
    super.clip(gradients, limit, norm);
  }

  override read(source: Tensor, how: ReadManner, copy: Tensor | null): void {
    if (this.keeps && how === "data" && copy !== null) this.keeper.tie(source, copy);
    super.read(source, how, copy);
  }

  override bind(nameId: number, name: string, value: object, alias?: boolean): void {
    super.bind(nameId, name, value, alias);
    const bound = this.keeps ? this.lastBound.get(nameId) : undefined;
    if (bound !== undefined && bound === value) this.keeper.keep(bound, this.lastEvent);
  }

  protected override written(kind: number, name: string, site: number, health: number, value: number): void {
    const level = this.levels.next(kind);
    if (!this.isWatching && !this.line.isWanted()) return;
    const { live } = this;
    this.live = LiveTensors.none;
    const isInPlace = kind === EventKind.op && live.isInPlace;
    if (this.keeps) this.keepValues(kind, live);
    if (this.writers.singles.rows > MANY_NUMBERS) this.flush();
    const isWanted = this.stops.isArmed && this.stops.wants({ kind, name, site, health, value, level, isInPlace });
    if (!isWanted && !this.line.isWanted()) return;
    this.live = live;
    this.keepReachable();
    this.stand({ kind: isWanted ? "event" : "asked", event: this.lastEvent });
    this.live = LiveTensors.none;
  }

  private get lastEvent(): number {
    return this.writers.events.count - 1;
  }

  /** Stands still until the debugger lets the program go on. */
  private stand(report: DebugReport): void {
    let said = report;
    this.describeSoFar();
    for (;;) {
      this.flush();
      const command = this.line.exchange(said);
      if (command.kind === "stop") return;
      if (command.kind === "go") {
        this.go(command);
        return;
      }
      if (command.kind === "stack") said = { kind: "stack", frames: this.line.stack() };
      else if (command.kind === "keep") said = { kind: "kept", isKept: this.keepWhole(command.tensor) };
      else said = { kind: "edited", ...this.edit(command.edit) };
    }
  }

  private go({ table }: Extract<DebugCommand, { kind: "go" }>): void {
    this.stops = new CompiledStops(table);
    this.keeps = table.keepValues;
    this.isWatching = this.keeps || this.stops.isArmed;
  }

  private keepValues(kind: number, live: LiveTensors): void {
    const { keeper, lastEvent } = this;
    if (kind === EventKind.op) this.tieWindows(live);
    if (kind === EventKind.op) for (const x of live.overwritten()) keeper.changed(x, lastEvent);
    for (const x of live.all()) keeper.keep(x, lastEvent);
    if (live.node !== null) keeper.keepSaved(live.node, lastEvent);
    if (kind === EventKind.accumulate) for (const x of live.leaves()) keeper.keepGradient(x, lastEvent);
    else if (sweeps.has(kind)) this.keepLeaves();
  }

  /** An op whose result lies in the buffer of an input: whoever writes to one writes to both. */
  private tieWindows({ inputs, outputs }: LiveTensors): void {
    const [out] = outputs;
    if (out === null || out === undefined || typeof out === "number") return;
    for (const input of inputs) {
      const isTensor = input !== null && typeof input !== "number";
      if (isTensor && input !== out && input.storage.values === out.storage.values) this.keeper.tie(input, out);
    }
  }

  /** What can be looked at here and now, also when nothing was kept until here. */
  private keepReachable(): void {
    for (const x of this.reachable()) this.keeper.keep(x, this.lastEvent);
    this.keepLeaves();
  }

  /** What is told of without naming every tensor: all of them are looked at. */
  private keepLeaves(): void {
    const { keeper, lastEvent } = this;
    for (const leaves of [this.leaves, this.passingLeaves]) {
      for (const x of leaves.values()) {
        if (keeper.isStale(x)) keeper.changed(x, lastEvent);
        keeper.keepGradient(x, lastEvent);
      }
    }
  }

  private keepWhole(tensor: number): boolean {
    const found = this.find(tensor);
    return found !== null && this.keeper.keepWhole(found, this.lastEvent);
  }

  private edit({ tensor, handedOn, element, value }: LiveEdit): { tensor: number; problem: string | null } {
    const { gradients } = this.live;
    if (handedOn !== null) {
      const gradient = gradients?.[handedOn];
      if (gradients === null || gradient === null || gradient === undefined) {
        return {
          tensor,
          problem: "This gradient has been handed on already; only that of the node just run can be set.",
        };
      }
      // Others may hold the same gradient; only this way out of the node gets the new one.
      const copy = this.copyOf(gradient);
      gradients[handedOn] = copy;
      this.write(copy, element, value);
      return { tensor: this.see(copy), problem: null };
    }
    const found = this.find(tensor);
    if (found === null) return { tensor, problem: "The program does not hold this tensor any more." };
    this.write(found, element, value);
    return { tensor, problem: null };
  }

  private write(x: Tensor, element: number | null, value: number): void {
    const { shape, strides, storage } = x;
    const first = element ?? 0;
    const end = element === null ? x.elements : element + 1;
    for (let i = first; i < end; i++) {
      let place = x.offset;
      let rest = i;
      for (let d = shape.length - 1; d >= 0; d--) {
        place += (rest % shape[d]) * strides[d];
        rest = Math.floor(rest / shape[d]);
      }
      storage.values[place] = value;
    }
    this.see(x);
    this.keeper.changed(x, this.lastEvent);
  }

  private find(row: number): Tensor | null {
    for (const x of this.reachable()) {
      if (x.traceRow === row) return x;
      if (x.ownGrad !== null && x.ownGrad.traceRow === row) return x.ownGrad;
    }
    return null;
  }

  private *reachable(): Iterable<Tensor> {
    yield* this.live.all();
    yield* this.leaves.values();
    yield* this.passingLeaves.values();
    yield* this.lastBound.values();
  }
}

/** Blocks that grow are copied, so they are handed out before they are large. */
const MANY_NUMBERS = 1 << 17;

const sweeps: ReadonlySet<number> = new Set([
  EventKind.backwardStart,
  EventKind.optimizerStart,
  EventKind.optimizerEnd,
  EventKind.zeroGrad,
  EventKind.clip,
]);
