import type { TypedArray } from "../../base/dtype.ts";
import { limits } from "../switch.ts";
import { curve } from "../wasm/curve.ts";
import type { Machine, UnaryName } from "../wasm/machine.ts";
import { CURVE } from "./protocol.ts";
import { curves } from "./tasks.ts";
import { team } from "./team.ts";

/** As `curve`, in all threads there are; false when it is too short or too easy, or there is only one. */
export function curveTogether(
  machine: Machine,
  name: UnaryName,
  from: TypedArray,
  x: number,
  to: TypedArray,
  y: number,
  n: number,
  p: number,
  q: number,
  r: number,
): boolean {
  if (n < limits.sharedCurve) return false;
  const helpers = team();
  const place = curves.indexOf(name);
  if (helpers === null || place === -1) return false;
  const { f32, threads } = helpers;
  // Whole blocks, as in one thread.
  const each = Math.ceil(n / threads / 4096) * 4096;
  const starts = Array.from({ length: Math.ceil(n / each) - 1 }, (_, i) => (i + 1) * each);
  if (starts.length === 0 || n - each > f32.length) return false;
  f32.set(from.subarray(x + each, x + n));
  const lengthAt = (start: number): number => Math.min(each, n - start);
  const tasks = starts.map((start) => [CURVE, place, lengthAt(start), (start - each) * 4, p, q, r]);
  const isDone = helpers.run(tasks, () => curve(machine, name, from, x, to, y, each, p, q, r));
  starts.forEach((start, i) => {
    const length = lengthAt(start);
    if (isDone[i]) to.set(f32.subarray(start - each, start - each + length), y + start);
    else curve(machine, name, from, x + start, to, y + start, length, p, q, r);
  });
  return true;
}
