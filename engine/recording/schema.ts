import type { ColumnType } from "./columns.ts";

/**
 * The tables of a recording. Row numbers are identities: a tensor, event or scope is its row. Texts are indices into
 * the list of strings, shapes indices into the list of shapes; both are interned. 0 in a column that refers to a row
 * means "none", so row 0 of `tensors`, `events` and `scopes` is never used.
 */
export const SCHEMA_VERSION = 7;

/** The oldest version that can be read: what came later is 0 in its rows, and later tables are empty. */
export const OLDEST_VERSION = 2;

export const schema = {
  /** Everything that happened, in order. */
  events: {
    /** An EventKind. */
    kind: "u8",
    /** Text: the op's public name, the node's name, the optimizer's. */
    name: "u32",
    /** Call expression of the user's program, by site id. */
    site: "u32",
    scope: "u32",
    /** Training step it belongs to, from 0. */
    step: "u32",
    /** Milliseconds since the run began. */
    start: "f64",
    end: "f64",
    /**
     * Sequence number of the graph node: of an op the node it made, of a backward event the node that ran. Of an
     * optimizer's event, the number of the optimizer; of zeroGrad, that of its owner.
     */
    node: "u32",
    /**
     * First row in `refs`; inputs first, then outputs. Of a backward node: gradients in, then gradients out. Of
     * backwardStart: roots, then the tensors whose gradients are wanted; of backwardEnd: those gradients. Of accumulate:
     * the leaf, then what arrived and what its gradient now is. Of optimizerStart: parameters, then their gradients; of
     * optimizerEnd: the learning rate. Of a hook: the gradient before, the tensor that the hook is of (unless it is of a node), then the gradient after. Of read: the source, then its copy. Of clip: gradients, then the limit.
     */
    refs: "u32",
    inputs: "u32",
    outputs: "u32",
    /** A Health bit set over the outputs. */
    health: "u8",
    /**
     * One number: the loss at backwardStart, the norm of all gradients at optimizerStart and clip, of the gradient after
     * accumulate, of an op's first result, of the first gradient that came to a node. NaN when it is not known. At
     * optimizerEnd the bytes of what the optimizer remembers; of gradMode 1 for on, 0 for off.
     */
    value: "f64",
    /** Text: attributes as JSON, or an error's message. */
    detail: "u32",
    /** Floating-point operations of an op, as its value tells. */
    flops: "f64",
  },
  /** Tensors that events refer to: rows of `tensors`; 0 for null. Plain numbers are 0 with their value. */
  refs: { tensor: "u32", value: "f64" },
  tensors: {
    shape: "u32",
    /** Index in `dtypes`. */
    dtype: "u8",
    /** A TensorFlag bit set, as first seen. */
    flags: "u16",
    /** Health bits as first seen. */
    health: "u8",
    /** The event that made it; 0 for a tensor the user made. */
    event: "u32",
    /** Which output of that event. */
    output: "u32",
    site: "u32",
    /** Text: name of its grad_fn. */
    gradFn: "u32",
    /** First of its recorded values in `values`, and how many: all of a small tensor, else none. */
    values: "u32",
    valueCount: "u16",
    bytes: "f64",
  },
  values: { value: "f64" },
  /** A tensor was bound to a name of the user's program. */
  bindings: { tensor: "u32", name: "u32", event: "u32" },
  scopes: {
    parent: "u32",
    /** Text: attribute path of the module, or the name given to recordFunction. */
    name: "u32",
    /** Text: the class. */
    type: "u32",
    /** Number of the module object; 0 for recordFunction. */
    owner: "u32",
  },
  /** Module objects: what they are called. Later rows win. */
  modules: {
    owner: "u32",
    path: "u32",
    type: "u32",
    /** The name that the program gave it first, as a name id; 0 when it gave none. */
    name: "u32",
  },
  /** Parameters by path. Later rows win. */
  parameters: { tensor: "u32", path: "u32", inOptimizer: "u8" },
  /** Where NaN or Inf was born: results that are bad although what they were made of is not. */
  births: {
    /** 0 for data that the user made. */
    event: "u32",
    tensor: "u32",
    /** Row-major number of the first bad element. */
    element: "f64",
    /** What it is. */
    value: "f64",
    /** Text: the word for what happened; empty when nothing is known to. */
    cause: "u32",
    /** What the op worked on at that element, in `values`; NaN for what is not known. */
    values: "u32",
    valueCount: "u16",
  },
  /** How far an optimizer's step moved a parameter. Of a sample of the steps. */
  updates: {
    /** The optimizerEnd. */
    event: "u32",
    tensor: "u32",
    /** Norm of the parameter before. */
    size: "f64",
    /** Norm of the change. */
    change: "f64",
    /** Learning rate; NaN when the optimizer has none. */
    rate: "f64",
  },
  /** How alive the result of an activation is. Of a sample of the calls. */
  activations: {
    event: "u32",
    /** Features, and how many of them are zero for every example. */
    units: "u32",
    dead: "u32",
    /** Share of elements so near a bound that hardly any gradient passes. */
    saturated: "f64",
  },
  /**
   * Numbers of tensors as of an event: of small ones whenever an optimizer, an in-place op or an accumulation changed them; in
   * the end of all that the user can name, whole or a sample. Later rows win.
   */
  portions: {
    tensor: "u32",
    /** 0 value, 1 gradient. */
    of: "u8",
    event: "u32",
    /** A shape: how far apart the kept elements are along each dimension, beginning at 0; ones where all are kept. */
    steps: "u32",
    /** 0 when they are in `singles`, 1 in `doubles`. */
    isDouble: "u8",
    /** The first of them, and how many; row-major. */
    first: "u32",
    count: "u32",
  },
  /** Kept numbers of float32 tensors. */
  singles: { value: "f32" },
  /** Kept numbers of other tensors. */
  doubles: { value: "f64" },
  /** Statistics of a value or a gradient, as of an event. Later rows win. */
  stats: {
    tensor: "u32",
    /** 0 value, 1 gradient. */
    of: "u8",
    event: "u32",
    numel: "f64",
    min: "f64",
    max: "f64",
    mean: "f64",
    std: "f64",
    norm: "f64",
    zeros: "f64",
    nan: "f64",
    inf: "f64",
    /** TensorFlags and grad_fn as of then. */
    flags: "u16",
    gradFn: "u32",
    /** First elements, in `values`. */
    sample: "u32",
    sampleCount: "u16",
  },
  /** How the elements of a parameter or of its gradient are spread. Of a sample of the steps. */
  histograms: {
    /** The optimizerEnd. */
    event: "u32",
    tensor: "u32",
    /** 0 value, 1 gradient. */
    of: "u8",
    /** Least and greatest of the elements looked at: the ends of the first and the last bin. */
    low: "f64",
    high: "f64",
    /** Elements per bin, in `values`. */
    values: "u32",
    valueCount: "u16",
  },
  /** Tensors that an op's node keeps until backward has run it. In order of the events. */
  kept: { event: "u32", tensor: "u32" },
  /** When the garbage collector held up the program. Milliseconds since the run began. */
  gc: {
    start: "f64",
    end: "f64",
    /** A GcKind. */
    kind: "u8",
  },
  /**
   * What a tensor holds from an event on. Only in recordings made for the debugger, where a tensor that was changed in
   * place has a row for each change. Later rows win.
   */
  snapshots: {
    tensor: "u32",
    event: "u32",
    version: "u32",
    /** First of its elements, row-major, in `singles` for a float32 tensor and else in `doubles`, and how many. */
    values: "u32",
    count: "u32",
    /** Every so manieth element is there; 1 for all of them. */
    stride: "u32",
  },
  /** What the `.grad` of a tensor is from an event on; 0 for null. Only in recordings made for the debugger. */
  gradients: { tensor: "u32", event: "u32", gradient: "u32" },
  /** What an op saved for its backward. Only in recordings made for the debugger. */
  saved: {
    event: "u32",
    /** Text: as the op calls it. */
    name: "u32",
    /** 0 for a plain number, and where hooks keep it. */
    tensor: "u32",
    value: "f64",
    version: "u32",
  },
} as const;

/** Since which version there are tables and columns that the oldest readable version had not. */
const laterParts: Readonly<Record<string, number>> = {
  "events.flops": 3,
  kept: 3,
  gc: 3,
  portions: 4,
  singles: 4,
  doubles: 4,
  histograms: 5,
  snapshots: 6,
  gradients: 6,
  saved: 6,
};

/** Whether files of a version have a table, or a column (`events.flops`). */
export const isInVersion = (part: string, version: number): boolean => version >= (laterParts[part] ?? 0);

/** Columns that were narrower before a version: a stack of 65,536 tensors has more inputs than 16 bits count. */
const widened: Readonly<Record<string, readonly [since: number, before: ColumnType]>> = {
  "events.inputs": [7, "u16"],
  "events.outputs": [7, "u16"],
  "tensors.output": [7, "u8"],
};

/** The type that a column has in files of a version. */
export function typeIn(part: string, type: ColumnType, version: number): ColumnType {
  const [since, before] = widened[part] ?? [0, type];
  return version < since ? before : type;
}

export type TableName = keyof typeof schema;

export const EventKind = {
  op: 1,
  node: 2,
  accumulate: 3,
  hook: 4,
  backwardStart: 5,
  backwardEnd: 6,
  optimizerStart: 7,
  optimizerEnd: 8,
  zeroGrad: 9,
  scopeStart: 10,
  scopeEnd: 11,
  /** Elements left the graph: `item`, `tolist`, `tensor` … */
  read: 12,
  /** A backward that did not begin. */
  refused: 13,
  /** A node that threw. */
  failed: 14,
  clip: 15,
  /** `setGradEnabled`: from here on. */
  gradMode: 16,
} as const;

export const GcKind = { young: 1, full: 2, incremental: 3, weakReferences: 4 } as const;

export const TensorFlag = {
  leaf: 1,
  requiresGrad: 2,
  parameter: 4,
  retainsGrad: 8,
  inference: 16,
  view: 32,
  /** Requires no grad although an input did: cut by a mode or a non-differentiable op. */
  cut: 64,
  /** Made while no graph was recorded. */
  unrecorded: 128,
  /** All elements were 0 when first seen. */
  zero: 256,
} as const;

export const Health = { nan: 1, inf: 2 } as const;

/** A call expression of the user's program. Lines and columns count from 1. */
export interface SiteRow {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  /** The enclosing function, such as `Net.forward`; null at top level. */
  readonly functionName: string | null;
}

/** A place where the user's program gives a name to a value. */
export interface NameRow {
  readonly id: number;
  /** `w1`, `this.fc`, `params.w1` */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly assignment: "declare" | "assign";
  /** Whether the value already existed (`const h = x`), so that the name is a second one. */
  readonly alias: boolean;
}

/** What a gradcheck found, as recorded. */
export interface GradcheckRow {
  readonly name: string;
  readonly site: number;
  readonly event: number;
  readonly passed: boolean;
  readonly maxAbsError: number;
  readonly maxRelError: number;
  readonly worst: {
    readonly output: number;
    readonly input: number;
    readonly row: number;
    readonly col: number;
    readonly analytical: number;
    readonly numerical: number;
  } | null;
  readonly diagnosis: string | null;
  /** What to do about the cause: a sentence of the diagnosis. */
  readonly advice: string | null;
  readonly cause: string | null;
  readonly blame: { readonly op: string; readonly site: number } | null;
  /** Step of the finite differences, and the tolerance: |a − n| ≤ atol + rtol·|n|. */
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  /** The pair with the worst entry first; of many or large ones only a part. */
  readonly pairs: readonly GradcheckPairRow[];
}

/** A window on both Jacobians of one output with respect to one input: rows count elements of the input. */
export interface GradcheckPairRow {
  readonly output: number;
  readonly input: number;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Size of the whole Jacobians. */
  readonly rows: number;
  readonly cols: number;
  /** Where the window begins, and its size. */
  readonly firstRow: number;
  readonly firstCol: number;
  readonly shownRows: number;
  readonly shownCols: number;
  /** Row-major [shownRows, shownCols], as everything below. */
  readonly analytical: readonly number[];
  readonly numerical: readonly number[];
  /** Null when the check passed. */
  readonly slopes: {
    /** Ascending; the middle one is the check's own. */
    readonly steps: readonly number[];
    readonly central: readonly (readonly number[])[];
    readonly above: readonly number[];
    readonly below: readonly number[];
  } | null;
}

/** A gradcheck that has begun and not ended. */
export interface PendingGradcheck {
  readonly name: string;
  readonly site: number;
}

export interface ConsoleRow {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface StackFrame {
  readonly function: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The error that ended a run. */
export interface ErrorRow {
  readonly name: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly stack: readonly StackFrame[];
}
