/** A point on an edge's line. */
export interface PathPoint {
  readonly x: number;
  readonly y: number;
}

/** The point at a share (0 to 1) of an edge's length. */
export function pointAlong(points: Float64Array, share: number): PathPoint {
  const last = points.length - 2;
  let left = share * pathLength(points);
  for (let i = 0; i < last; i += 2) {
    const length = Math.hypot(points[i + 2] - points[i], points[i + 3] - points[i + 1]);
    if (left <= length && length > 0) return onCurve(points, i, left / length);
    left -= length;
  }
  return { x: points[last] ?? 0, y: points[last + 1] ?? 0 };
}

/** The length of an edge, its curves taken as straight. */
export function pathLength(points: Float64Array): number {
  let length = 0;
  for (let i = 0; i + 3 < points.length; i += 2) {
    length += Math.hypot(points[i + 2] - points[i], points[i + 3] - points[i + 1]);
  }
  return length;
}

/** The S curve from point i to the next: both control points lie at half height, so its ends are vertical. */
function onCurve(points: Float64Array, i: number, t: number): PathPoint {
  const [x0, y0, x1, y1] = [points[i], points[i + 1], points[i + 2], points[i + 3]];
  const sideways = t * t * (3 - 2 * t);
  const middle = (y0 + y1) / 2;
  const u = 1 - t;
  const y = u * u * u * y0 + 3 * u * t * middle + t * t * t * y1;
  return { x: x0 + (x1 - x0) * sideways, y };
}
