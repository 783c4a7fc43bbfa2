import { PLAIN, RELAXED } from "./binary.ts";

/** Functions of one float32. */
export type UnaryName =
  | "neg"
  | "abs"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "square"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "silu"
  | "gelu"
  | "geluTanh"
  | "threshold"
  | "leakyRelu"
  | "clamp"
  | "elu"
  | "softplus";

/** Functions of two float32. */
export type PairName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "tanhBackward"
  | "sigmoidBackward"
  | "thresholdBackward"
  | "leakyReluBackward"
  | "clampBackward"
  | "hardtanhBackward"
  | "siluBackward"
  | "geluBackward"
  | "geluTanhBackward"
  | "eluBackward"
  | "softplusBackward"
  | "squareBackward"
  | "addScaled";

/** What the sources in assembly/ export. Addresses and distances between rows count bytes, everything else counts elements. */
type ExportName =
  | UnaryName
  | PairName
  | "sgd"
  | "sgdMomentum"
  | "adam"
  | "sum"
  | "sumRows"
  | "addRows"
  | "sumOfSquares"
  | "anyNonFinite"
  | "softmaxRows"
  | "exponentialSums"
  | "subtractFromRows"
  | "softmaxBackwardRows"
  | "logSoftmaxBackwardRows"
  | "squareDistances"
  | "standardizeRows"
  | "scaleRows"
  | "standardizeInputRows"
  | "standardizeWeightRows"
  | "gradientSums"
  | "combineRows"
  | "imageToColumns"
  | "columnsToImage"
  | "maxPool"
  | "maxPoolPairs"
  | "addToPlaces"
  | `pack${"Across" | "Along"}${"4" | "6" | "8" | "4f64" | "6f64"}`
  | `multiply${"4" | "6"}${"" | "f64"}`
  | `vector${"Times" | "Dot"}Rows${"" | "f64"}`;

/** A running instance of the compiled kernels with the memory that they work in. */
export interface Machine {
  readonly exports: Readonly<Record<ExportName, (...args: number[]) => number>>;
  /** The memory, seen as each element type. */
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  /** Whether it multiplies and adds in one instruction. */
  readonly fused: boolean;
}

/**
 * The memory belongs to whichever kernel is running: numbers are brought in by blocks, worked on and taken out again, so it
 * never grows. The first part always holds zeros, the second is for kernels' sums and small tables.
 */
export const ZEROS = 0;
export const TABLES = 16 * 1024;
export const BLOCKS = 64 * 1024;
/** Of 64 KiB. */
const PAGES = 148;

interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (size: object) => { readonly buffer: ArrayBuffer };
}

interface Host {
  readonly WebAssembly?: WebAssemblyHost;
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array };
  atob(text: string): string;
}

const host = globalThis as unknown as Host;

/** Starts the kernels: with fused multiply-adds, without, or null where the host has no vectors in WebAssembly. */
export function startMachine(): Machine | null {
  const { WebAssembly } = host;
  if (WebAssembly === undefined) return null;
  return attempt(WebAssembly, RELAXED, true) ?? attempt(WebAssembly, PLAIN, false);
}

/** Null for instructions that the host doesn't know, when there is no room for the memory, or where it is forbidden. */
function attempt(WebAssembly: WebAssemblyHost, text: string, fused: boolean): Machine | null {
  try {
    return run(WebAssembly, decode(text), fused);
  } catch {
    return null;
  }
}

/** By the host's own means where it has them: a loop that runs once is slow. */
function decode(text: string): Uint8Array {
  return host.Buffer?.from(text, "base64") ?? Uint8Array.from(host.atob(text), (letter) => letter.charCodeAt(0));
}

function run({ Memory, Module, Instance }: WebAssemblyHost, bytes: Uint8Array, fused: boolean): Machine {
  const memory = new Memory({ initial: PAGES, maximum: PAGES });
  const { exports } = new Instance(new Module(bytes), { env: { memory } });
  return {
    exports: exports as Machine["exports"],
    f32: new Float32Array(memory.buffer),
    f64: new Float64Array(memory.buffer),
    i32: new Int32Array(memory.buffer),
    fused,
  };
}
