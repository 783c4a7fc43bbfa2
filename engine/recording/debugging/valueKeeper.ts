import type { Node } from "../../autograd/node.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import type { TableWriter } from "../columns.ts";
import type { schema } from "../schema.ts";
import { type Statistics, statistics } from "../statistics.ts";
import { elementAt, elementsOf } from "../watching/elements.ts";
import { isKeptTensor } from "../watching/failures.ts";

/** Where kept values go: tables of the recording, and how rows are written. */
export interface KeeperTables {
  readonly snapshots: TableWriter<typeof schema.snapshots>;
  readonly gradients: TableWriter<typeof schema.gradients>;
  readonly saved: TableWriter<typeof schema.saved>;
  readonly singles: TableWriter<typeof schema.singles>;
  readonly doubles: TableWriter<typeof schema.doubles>;
  /** The row of a tensor. */
  see(x: Tensor): number;
  text(text: string): number;
  figures(row: number, x: Tensor, found: Statistics): void;
  /** Tensors up to this many elements are in their own rows, as they were when first seen. */
  readonly smallValues: number;
}

/** Larger tensors are kept as a sample. */
const WHOLE = 1 << 16;
const SAMPLE = 1024;
/** Elements that are kept in all: 128 MB. After that, samples of a few. */
const ROOM = 1 << 24;
const SMALL_SAMPLE = 16;

/**
 * Writes down what tensors hold whenever that is new, so that a debugger can go back and show every value as it was:
 * tensors too large for their own rows, and tensors that were changed in place.
 */
export class ValueKeeper {
  private readonly tables: KeeperTables;
  /** By row: one more than the version of the tensor that is known; 0 for none. A map with weak keys would cost the collector dear. */
  private known = new Uint32Array(4096);
  /** Tensors that are windows on the same buffer. */
  private readonly windows = new WeakMap<object, Set<WeakRef<Tensor>>>();
  private readonly knownGradients = new WeakMap<Tensor, Tensor | null>();
  private left = ROOM;

  constructor(tables: KeeperTables) {
    this.tables = tables;
  }

  /** Keeps what is new about a tensor as of an event. */
  keep(x: Tensor, event: number): void {
    const { version } = x.storage;
    const row = x.traceRow === 0 ? this.tables.see(x) : x.traceRow;
    const before = this.knownAt(row);
    if (before === version + 1) return;
    if (before === 0 && x.viewOf !== null) this.share(x);
    this.known[row] = version + 1;
    const isInItsRow = before === 0 && version === 0 && x.elements <= this.tables.smallValues;
    if (!isInItsRow) this.write(row, x, event);
  }

  /** Notes that two tensors are windows on one buffer. */
  tie(a: Tensor, b: Tensor): void {
    this.share(a);
    this.share(b);
  }

  /** A tensor was written to: keeps it and every other window on its buffer. */
  changed(x: Tensor, event: number): void {
    const others = this.windows.get(x.storage.values);
    this.writeAgain(x, event);
    if (others === undefined) return;
    for (const reference of others) {
      const other = reference.deref();
      if (other === undefined) others.delete(reference);
      else if (other !== x) this.writeAgain(other, event);
    }
  }

  /** Keeps all elements of a tensor, however large it is; false when there is no room for them. */
  keepWhole(x: Tensor, event: number): boolean {
    if (x.elements > this.left) return false;
    this.write(this.tables.see(x), x, event, 1);
    return true;
  }

  /** Whether a tensor changed since it was kept. */
  isStale(x: Tensor): boolean {
    const known = this.knownAt(x.traceRow);
    return known !== 0 && known !== x.storage.version + 1;
  }

  private writeAgain(x: Tensor, event: number): void {
    const row = this.tables.see(x);
    this.knownAt(row);
    this.known[row] = x.storage.version + 1;
    this.write(row, x, event);
  }

  private knownAt(row: number): number {
    if (row >= this.known.length) {
      const longer = new Uint32Array(2 * row);
      longer.set(this.known);
      this.known = longer;
    }
    return this.known[row];
  }

  /** Keeps which tensor the `.grad` of another one is, if that is new, and what is in it. */
  keepGradient(x: Tensor, event: number): void {
    const { ownGrad } = x;
    if (ownGrad !== null) this.keep(ownGrad, event);
    if ((this.knownGradients.get(x) ?? null) === ownGrad) return;
    this.knownGradients.set(x, ownGrad);
    const { block, rows } = this.tables.gradients;
    block.tensor[rows] = this.tables.see(x);
    block.event[rows] = event;
    block.gradient[rows] = ownGrad === null ? 0 : this.tables.see(ownGrad);
    this.tables.gradients.next();
  }

  /** Keeps what a node will find when it runs. */
  keepSaved(node: Node, event: number): void {
    const { kept, keptVersions } = node;
    for (let i = 0; i < kept.length; i++) {
      const slot = kept[i];
      if (slot === null || typeof slot === "symbol") continue;
      const x = isKeptTensor(slot) ? slot : null;
      const { block, rows } = this.tables.saved;
      block.event[rows] = event;
      block.name[rows] = this.tables.text(node.keptName(i));
      block.tensor[rows] = x === null ? 0 : this.tables.see(x);
      block.value[rows] = typeof slot === "number" ? slot : Number.NaN;
      block.version[rows] = keptVersions[i] ?? 0;
      this.tables.saved.next();
      if (x !== null) this.keep(x, event);
    }
  }

  private share(x: Tensor): void {
    this.addWindow(x);
    if (x.viewOf !== null) this.addWindow(x.viewOf.base);
  }

  private addWindow(x: Tensor): void {
    const buffer = x.storage.values;
    let all = this.windows.get(buffer);
    if (all === undefined) {
      all = new Set();
      this.windows.set(buffer, all);
    }
    for (const reference of all) if (reference.deref() === x) return;
    all.add(new WeakRef(x));
  }

  private write(row: number, x: Tensor, event: number, stride = this.strideFor(x.elements)): void {
    const { snapshots, singles, doubles } = this.tables;
    const values = x.dtype === "float32" ? singles : doubles;
    const first = values.count;
    if (stride === 1) values.push("value", elementsOf(x));
    else {
      values.push("value", sampleOf(x, stride));
      this.tables.figures(row, x, statistics(elementsOf(x)));
    }
    const { block, rows } = snapshots;
    block.tensor[rows] = row;
    block.event[rows] = event;
    block.version[rows] = x.storage.version;
    block.values[rows] = first;
    block.count[rows] = values.count - first;
    block.stride[rows] = stride;
    snapshots.next();
    this.left -= values.count - first;
  }

  private strideFor(elements: number): number {
    if (elements <= WHOLE && elements <= this.left) return 1;
    return Math.ceil(elements / (this.left > SAMPLE ? SAMPLE : SMALL_SAMPLE));
  }
}

function sampleOf(x: Tensor, stride: number): number[] {
  const sample: number[] = [];
  for (let i = 0; i < x.elements; i += stride) sample.push(elementAt(x, i, x.shape));
  return sample;
}
