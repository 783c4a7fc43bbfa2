import { FloatList } from "./adjacency.ts";

/** Collects points and leaves out those in the middle of a vertical line. */
export class PathWriter {
  readonly #points = new FloatList();
  #begin = 0;

  get pointCount(): number {
    return this.#points.length / 2;
  }

  begin(): void {
    this.#begin = this.#points.length;
  }

  lineTo(toX: number, y: number): void {
    const points = this.#points;
    const length = points.length;
    // Sums taken in another order differ in the last digit; that must not become a bend.
    const isVertical = length > this.#begin && Math.abs(points.at(length - 2) - toX) < 0.01;
    const x = isVertical ? points.at(length - 2) : toX;
    if (length >= this.#begin + 2 && points.at(length - 2) === x && points.at(length - 1) === y) return;
    const continues = length >= this.#begin + 4 && points.at(length - 2) === x && points.at(length - 4) === x;
    if (continues) points.truncate(length - 2);
    points.push(x);
    points.push(y);
  }

  toArray(): Float64Array {
    return this.#points.toArray();
  }
}
