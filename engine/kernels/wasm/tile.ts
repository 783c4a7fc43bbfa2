import { now } from "../../base/clock.ts";
import { BLOCKS, type Machine } from "./machine.ts";

type Call = (...args: number[]) => number;

/** The piece of a product that one call of the inner loop computes, with everything that depends on its size and its type. */
export interface Tile {
  readonly heap: Float32Array | Float64Array;
  /** Of an element. */
  readonly bytes: number;
  readonly height: 4 | 6;
  readonly width: 4 | 8;
  readonly packAcrossLeft: Call;
  readonly packAlongLeft: Call;
  readonly packAcrossRight: Call;
  readonly packAlongRight: Call;
  readonly multiply: Call;
}

/** The tiles for one element type, and what is known of them. */
interface Pair {
  readonly low: Tile;
  readonly high: Tile;
  /** How much longer the low tile takes for a row. */
  lowPerHigh: number;
  /** Multiplications so far. */
  work: number;
}

const known = new WeakMap<Float32Array | Float64Array, Pair>();

function pairFor(machine: Machine, heap: Float32Array | Float64Array): Pair {
  let pair = known.get(heap);
  if (pair === undefined) {
    const tile = heap === machine.f32 ? single : double;
    pair = { low: tile(machine, 4), high: tile(machine, 6), lowPerHigh: 1.15, work: 0 };
    known.set(heap, pair);
  }
  return pair;
}

const single = ({ exports: e, f32 }: Machine, height: 4 | 6): Tile => ({
  heap: f32,
  bytes: 4,
  height,
  width: 8,
  packAcrossLeft: e[`packAcross${height}`],
  packAlongLeft: e[`packAlong${height}`],
  packAcrossRight: e.packAcross8,
  packAlongRight: e.packAlong8,
  multiply: e[`multiply${height}`],
});

const double = ({ exports: e, f64 }: Machine, height: 4 | 6): Tile => ({
  heap: f64,
  bytes: 8,
  height,
  width: 4,
  packAcrossLeft: e[`packAcross${height}f64`],
  packAlongLeft: e[`packAlong${height}f64`],
  packAcrossRight: e.packAcross4f64,
  packAlongRight: e.packAlong4f64,
  multiply: e[`multiply${height}f64`],
});

/**
 * The faster tile for a product of `m` rows in all `work` multiplications of the type of `heap`: the high one, unless too
 * many of its rows would stay empty. By how much it is faster depends on the machine, and is measured once there has been
 * enough work that V8 has compiled the tiles well; the numbers are the same with either.
 */
export function chooseTile(machine: Machine, heap: Float32Array | Float64Array, m: number, work: number): Tile {
  const pair = pairFor(machine, heap);
  const before = pair.work;
  pair.work += work;
  if (before < WARM && pair.work >= WARM) compare(pair);
  if (before < SURE && pair.work >= SURE) pair.lowPerHigh = compare(pair);
  return Math.ceil(m / 4) * 4 * pair.lowPerHigh < Math.ceil(m / 6) * 6 ? pair.low : pair.high;
}

/** After so many multiplications both tiles are run often enough that V8 begins to compile them well … */
const WARM = 2e7;
/** … and after so many it has. */
const SURE = 4e8;

const RUNS = 150;
const DEPTH = 256;

/** The time of the low tile over that of the high one, per row; takes less than a millisecond. */
function compare({ low, high }: Pair): number {
  return time(low) / low.height / (time(high) / high.height);
}

function time({ heap, bytes, height, width, multiply }: Tile): number {
  const left = BLOCKS;
  const right = left + DEPTH * height * bytes;
  const result = right + DEPTH * width * bytes;
  // Numbers too small for normal ones would be slow.
  heap.fill(0, left / bytes, result / bytes);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = now();
    for (let i = 0; i < RUNS; i++) multiply(left, right, result, width * bytes, 1, 1, DEPTH, 1);
    best = Math.min(best, now() - start);
  }
  return best;
}
