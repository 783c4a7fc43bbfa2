import type { Gradients, Node } from "../../autograd/node.ts";
import {
  type BackwardRequest,
  type GradcheckReport,
  type Observer,
  type OpEvent,
  observe,
  type ReadManner,
  watch,
} from "../../autograd/observer.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { now } from "../../base/clock.ts";
import type { Shape } from "../../base/shape.ts";
import { callStack } from "./callStack.ts";

/** Something with a beginning and an end. Times are milliseconds of `performance.now()`. */
export interface ProfiledEvent {
  /** Name of the op, the node or the scope. */
  readonly key: string;
  /** An op, a node of backward, or something that only has a name. */
  readonly kind: "forward" | "backward" | "annotation";
  /** Of the node that belongs to it: what forward and backward have in common. */
  readonly sequence: number | null;
  /** Shapes of the inputs; a plain number has none, so `[]`. Empty when shapes are not recorded. */
  readonly dims: readonly Shape[];
  /** When it began. */
  readonly start: number;
  /** When it ended. */
  end: number;
  /** What of the time went into events inside. */
  inner: number;
  /** Bytes of the tensors it made, without those made inside; 0 when memory is not profiled. */
  bytes: number;
  /** Bytes of the events inside. */
  innerBytes: number;
  /** Floating-point operations; of a backward node those of its op for each gradient. 0 when they are not counted. */
  readonly flops: number;
  /** The user's calls that led to it, innermost first; of a backward node those of its op. Null when not recorded. */
  readonly stack: readonly string[] | null;
}

/** What is written down besides names and times. */
export interface CollectorOptions {
  readonly recordShapes: boolean;
  readonly profileMemory: boolean;
  readonly withFlops: boolean;
  /** How many frames of the stack; 0 for none. */
  readonly stackDepth: number;
}

/** What a backward node takes over from its op. */
interface Origin {
  readonly flops: number;
  readonly stack: readonly string[] | null;
}

/** Listens beside whoever listened before. */
export class Collector implements Observer {
  readonly events: ProfiledEvent[] = [];
  private readonly options: CollectorOptions;
  private readonly open: ProfiledEvent[] = [];
  /** Events that have ended and lie in no other one that has. */
  private readonly outermost: ProfiledEvent[] = [];
  private readonly origins = new Map<number, Origin>();
  private next: Observer | null = null;
  private isOn = false;

  constructor(options: CollectorOptions) {
    this.options = options;
  }

  start(): void {
    this.next = observe(this);
    this.isOn = true;
  }

  /** Ends what is still open. Whoever began to listen in between goes on listening. */
  stop(): void {
    this.isOn = false;
    while (this.open.length > 0) this.end();
    if (watch.observer === this) observe(listening(this.next));
  }

  /** The one that listened before, unless it has stopped since. */
  get before(): Observer | null {
    return this.isOn ? this : listening(this.next);
  }

  op(event: OpEvent): void {
    if (this.isOn) {
      const { name, node, inputs, outputs, start, end } = event;
      const { recordShapes, profileMemory, withFlops } = this.options;
      const flops = withFlops ? (event.op?.flops(inputs, outputs) ?? 0) : 0;
      const stack = this.stack();
      if (node !== null && (flops > 0 || stack !== null)) this.origins.set(node.sequence, { flops, stack });
      const dims = recordShapes ? inputs.map(shapeOf) : NO_SHAPES;
      const bytes = profileMemory ? bytesOf(outputs, inputs) : 0;
      this.add(name, "forward", node?.sequence ?? null, dims, start, end, bytes, flops, stack);
    }
    this.next?.op(event);
  }

  node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void {
    if (this.isOn) {
      const { recordShapes, profileMemory } = this.options;
      const origin = this.origins.get(node.sequence);
      const flops = origin === undefined ? 0 : origin.flops * gradientsThatCount(gradInputs);
      const dims = recordShapes ? gradOutputs.map(shapeOf) : NO_SHAPES;
      const bytes = profileMemory ? bytesOf(gradInputs, gradOutputs) : 0;
      this.add(node.name, "backward", node.sequence, dims, start, end, bytes, flops, origin?.stack ?? null);
    }
    this.next?.node(node, gradOutputs, gradInputs, start, end);
  }

  backwardStart(roots: readonly (Tensor | null)[], gradients: Gradients, request: BackwardRequest): void {
    this.begin("backward");
    this.next?.backwardStart(roots, gradients, request);
  }

  backwardEnd(error: unknown, captured: Gradients): void {
    this.end();
    this.next?.backwardEnd(error, captured);
  }

  refused(roots: readonly (Tensor | null)[], error: unknown): void {
    this.next?.refused?.(roots, error);
  }

  gradMode(enabled: boolean): void {
    this.next?.gradMode?.(enabled);
  }

  failed(node: Node, error: unknown): void {
    this.next?.failed?.(node, error);
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

  gradcheck(report: GradcheckReport): void {
    this.next?.gradcheck(report);
  }

  /** Begins an event that is known only by its name. */
  begin(key: string): ProfiledEvent | null {
    if (!this.isOn) return null;
    const event: ProfiledEvent = {
      key,
      kind: "annotation",
      sequence: null,
      dims: NO_SHAPES,
      start: now(),
      end: 0,
      inner: 0,
      bytes: 0,
      innerBytes: 0,
      flops: 0,
      stack: this.stack(),
    };
    this.events.push(event);
    this.open.push(event);
    return event;
  }

  /** Ends an event and what was begun in it; nothing when it has ended. */
  endWith(event: ProfiledEvent): void {
    while (this.open.includes(event)) this.end();
  }

  /** Ends what was begun last. What began before we listened has no beginning here. */
  end(): void {
    const event = this.open.pop();
    if (event === undefined) return;
    event.end = now();
    this.settle(event);
  }

  private add(
    key: string,
    kind: ProfiledEvent["kind"],
    sequence: number | null,
    dims: readonly Shape[],
    start: number,
    end: number,
    bytes: number,
    flops: number,
    stack: readonly string[] | null,
  ): void {
    const event: ProfiledEvent = {
      key,
      kind,
      sequence,
      dims,
      start,
      end,
      inner: 0,
      bytes,
      innerBytes: 0,
      flops,
      stack,
    };
    this.events.push(event);
    this.settle(event);
  }

  /** An event ends after all those inside it: they are the last ones that began no earlier. */
  private settle(event: ProfiledEvent): void {
    const { outermost } = this;
    for (let last = outermost.length - 1; last >= 0 && outermost[last].start >= event.start; last--) {
      const inside = outermost[last];
      event.inner += inside.end - inside.start;
      event.innerBytes += inside.bytes + inside.innerBytes;
      outermost.pop();
    }
    // What an op hands out may be what an op inside has made.
    if (event.kind !== "annotation") event.bytes = Math.max(0, event.bytes - event.innerBytes);
    outermost.push(event);
  }

  private stack(): readonly string[] | null {
    return this.options.stackDepth === 0 ? null : callStack(this.options.stackDepth);
  }
}

const NO_SHAPES: readonly Shape[] = [];
const SCALAR: Shape = [];

const listening = (observer: Observer | null): Observer | null =>
  observer instanceof Collector ? observer.before : observer;

const shapeOf = (x: Tensor | number | null | undefined): Shape =>
  x === null || x === undefined || typeof x === "number" ? SCALAR : x.shape;

/** What shares the storage of an input, as views do and what was changed in place, takes no memory. */
function bytesOf(outputs: readonly (Tensor | null | undefined)[], inputs: readonly (Tensor | number | null)[]): number {
  let bytes = 0;
  for (const x of outputs) if (x !== null && x !== undefined && !sharesStorage(x, inputs)) bytes += x.nbytes;
  return bytes;
}

function sharesStorage({ storage }: Tensor, inputs: readonly (Tensor | number | null)[]): boolean {
  for (const x of inputs) if (x !== null && typeof x !== "number" && x.storage === storage) return true;
  return false;
}

/** Of gradients for matrices and vectors, the vectors are those of biases: mere sums. */
function gradientsThatCount(gradients: Gradients): number {
  let vectors = 0;
  let matrices = 0;
  for (const x of gradients) {
    if (x === null || x === undefined) continue;
    if (x.ndim < 2) vectors++;
    else matrices++;
  }
  return matrices === 0 ? vectors : matrices;
}
