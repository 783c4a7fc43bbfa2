import type { Machine } from "./machine.ts";

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

interface Tiles {
  readonly f32: readonly [low: Tile, high: Tile];
  readonly f64: readonly [low: Tile, high: Tile];
}

const known = new WeakMap<Machine, Tiles>();

function tilesOf(machine: Machine): Tiles {
  let tiles = known.get(machine);
  if (tiles === undefined) {
    tiles = { f32: [single(machine, 4), single(machine, 6)], f64: [double(machine, 4), double(machine, 6)] };
    known.set(machine, tiles);
  }
  return tiles;
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

/** The faster tile for `m` rows of the type of `heap`: the high one, unless too many of its rows would stay empty. */
export function chooseTile(machine: Machine, heap: Float32Array | Float64Array, m: number): Tile {
  const tiles = tilesOf(machine);
  const [low, high] = heap === machine.f32 ? tiles.f32 : tiles.f64;
  return Math.ceil(m / 4) * 4 * LOW_PER_HIGH < Math.ceil(m / 6) * 6 ? low : high;
}

/** How much longer the low tile takes for a row. */
const LOW_PER_HIGH = 1.15;
