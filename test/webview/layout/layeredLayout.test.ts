import assert from "node:assert/strict";
import fc from "fast-check";
import { layeredLayout } from "../../../engine/recording/layout/layered/layeredLayout.ts";
import {
  LayoutCancelled,
  type LayoutInput,
  type LayoutResult,
} from "../../../engine/recording/layout/layered/types.ts";
import { moduleChain } from "../../bench/layout.ts";
import { anyLayoutInput } from "./randomInput.ts";

describe("the layered layout", () => {
  it("never lets two boxes overlap", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => assertNoOverlap(input, layeredLayout(input))),
      { numRuns: 300 },
    );
  });

  it("keeps every box inside its frame, every frame inside its parent, and strangers out", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => assertContained(input, layeredLayout(input))),
      { numRuns: 300 },
    );
  });

  it("draws every edge downwards, from the bottom of one box to the top of the other", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => assertDownwards(input, layeredLayout(input))),
      { numRuns: 300 },
    );
  });

  it("leads no edge through a box", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => assertNoEdgeThroughBox(input, layeredLayout(input))),
      { numRuns: 300 },
    );
  });

  it("stays inside the size it tells", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => {
        const { path, width, height } = layeredLayout(input);
        for (let i = 0; i < path.length; i += 2) {
          assert.ok((path[i] ?? 0) >= -0.01 && (path[i] ?? 0) <= width + 0.01);
          assert.ok((path[i + 1] ?? 0) >= -0.01 && (path[i + 1] ?? 0) <= height + 0.01);
        }
      }),
    );
  });

  it("draws the same graph the same way every time", () => {
    fc.assert(
      fc.property(anyLayoutInput, (input) => assert.deepEqual(layeredLayout(input), layeredLayout(input))),
      { numRuns: 50 },
    );
  });

  it("keeps a chain on one straight line, with parameters at its side", () => {
    // 0 → 1 → 2 → 3, and a parameter into each of 1, 2, 3.
    const input = plain(7, [
      [0, 1],
      [4, 1],
      [1, 2],
      [5, 2],
      [2, 3],
      [6, 3],
    ]);
    input.minor.set([1, 1, 1], 4);
    const { x } = layeredLayout(input);
    assert.equal(new Set([x[0], x[1], x[2], x[3]]).size, 1);
    for (const parameter of [4, 5, 6]) assert.notEqual(x[parameter], x[0]);
  });

  it("runs a skip connection beside the boxes it passes, and leaves those straight", () => {
    const input = plain(5, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [0, 4],
    ]);
    const result = layeredLayout(input);
    assert.equal(new Set(result.x).size, 1);
    const skip = pathOf(result, 4);
    assert.ok(skip.some(([x]) => Math.abs(x - (result.x[0] ?? 0)) > 20));
    assert.equal(skip.length, 4, "out, along and back in: two bends");
  });

  it("puts a parameter right above the op that uses it, however deep that is", () => {
    const input = plain(6, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [5, 4],
    ]);
    const { y } = layeredLayout(input);
    assert.ok((y[5] ?? 0) >= (y[3] ?? 0));
  });

  it("shares one trunk between all uses of a tensor", () => {
    const input = plain(12, [
      ...Array.from({ length: 10 }, (_, i): [number, number] => [i, i + 1]),
      ...[2, 4, 6, 8, 10].map((use): [number, number] => [11, use]),
    ]);
    const result = layeredLayout(input);
    const verticals = new Set<number>();
    for (let e = 10; e < 15; e++) {
      const points = pathOf(result, e);
      points.forEach(([x], i) => {
        const [nextX] = points[i + 1] ?? [Number.NaN];
        if (x === nextX && x !== result.x[0] && x !== result.x[11]) verticals.add(Math.round(x));
      });
    }
    assert.equal(verticals.size, 1);
  });

  it("lays out a graph with a cycle instead of hanging", () => {
    const result = layeredLayout(
      plain(3, [
        [0, 1],
        [1, 2],
        [2, 0],
      ]),
    );
    assertNoOverlap(plain(3, []), result);
  });

  it("survives a chain of 100,000 and a tensor used 20,000 times", () => {
    const chain = plain(
      100_000,
      Array.from({ length: 99_999 }, (_, i): [number, number] => [i, i + 1]),
    );
    assert.ok(layeredLayout(chain).height > 100_000);
    const uses = Array.from({ length: 20_000 }, (_, i): [number, number][] => [
      [0, i + 2],
      [i + 1, i + 2],
    ]);
    assert.ok(layeredLayout(plain(20_002, uses.flat())).height > 100_000);
  }).timeout(20_000);

  it("puts unconnected parts in rows instead of one endless line", () => {
    const { width, height } = layeredLayout(plain(400, []));
    assert.ok(width < 6 * height && height < 6 * width, `${width} × ${height}`);
  });

  it("gives up as soon as its checkpoint throws", () => {
    let asked = 0;
    const giveUp = (): void => {
      asked++;
      if (asked === 3) throw new LayoutCancelled();
    };
    assert.throws(() => layeredLayout(moduleChain(20_000), giveUp), LayoutCancelled);
    assert.equal(asked, 3);
  });

  it("tells how far it is, never going back", () => {
    const told: number[] = [];
    layeredLayout(moduleChain(2000), (done) => told.push(done));
    assert.ok(told.length > 10);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.ok(told.every((done) => done >= 0 && done <= 1));
  });

  it("lays out 10,000 nodes in well under a second", () => {
    const input = moduleChain(10_000);
    layeredLayout(moduleChain(1000));
    const start = performance.now();
    layeredLayout(input);
    // The target is 300 ms on a quiet machine; this only guards against a change of order.
    assert.ok(performance.now() - start < 1500);
  });
});

function plain(nodes: number, edges: readonly (readonly [number, number])[]): LayoutInput {
  return {
    left: new Float64Array(nodes).fill(30),
    right: new Float64Array(nodes).fill(30),
    height: new Float64Array(nodes).fill(26),
    minor: new Uint8Array(nodes),
    cluster: new Int32Array(nodes).fill(-1),
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
    light: new Uint8Array(edges.length),
    clusterParent: new Int32Array(0),
    clusterTitle: new Float64Array(0),
  };
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxOf(input: LayoutInput, { x, y }: LayoutResult, v: number): Box {
  const [atX = 0, atY = 0] = [x[v], y[v]];
  return {
    left: atX - (input.left[v] ?? 0),
    right: atX + (input.right[v] ?? 0),
    top: atY,
    bottom: atY + (input.height[v] ?? 0),
  };
}

function frameOf(result: LayoutResult, c: number): Box {
  const [x = 0, y = 0] = [result.clusterX[c], result.clusterY[c]];
  return { left: x, right: x + (result.clusterWidth[c] ?? 0), top: y, bottom: y + (result.clusterHeight[c] ?? 0) };
}

function overlap(a: Box, b: Box): boolean {
  const slack = 0.5;
  return a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
}

function isInside(inner: Box, outer: Box): boolean {
  const slack = 0.5;
  return (
    inner.left >= outer.left - slack &&
    inner.right <= outer.right + slack &&
    inner.top >= outer.top - slack &&
    inner.bottom <= outer.bottom + slack
  );
}

function assertNoOverlap(input: LayoutInput, result: LayoutResult): void {
  const boxes = Array.from(input.height, (_, v) => boxOf(input, result, v));
  boxes.forEach((box, v) => {
    for (let w = v + 1; w < boxes.length; w++) assert.ok(!overlap(box, boxes[w] ?? box), `boxes ${v} and ${w} overlap`);
  });
}

/** The clusters around a cluster, itself first. */
function around(input: LayoutInput, cluster: number): number[] {
  const chain: number[] = [];
  for (let c = cluster; c >= 0; c = input.clusterParent[c] ?? -1) chain.push(c);
  return chain;
}

function assertContained(input: LayoutInput, result: LayoutResult): void {
  const frames = Array.from(input.clusterParent, (_, c) => frameOf(result, c));
  for (let v = 0; v < input.height.length; v++) {
    const own = around(input, input.cluster[v] ?? -1);
    frames.forEach((frame, c) => {
      const box = boxOf(input, result, v);
      if (own.includes(c)) assert.ok(isInside(box, frame), `box ${v} sticks out of its frame ${c}`);
      else assert.ok(!overlap(box, frame), `box ${v} lies in frame ${c}, which is not its own`);
    });
  }
  frames.forEach((frame, c) => {
    const parents = around(input, c);
    frames.forEach((other, d) => {
      if (parents.includes(d)) assert.ok(isInside(frame, other), `frame ${c} sticks out of ${d}`);
      else if (!around(input, d).includes(c)) assert.ok(!overlap(frame, other), `frames ${c} and ${d} overlap`);
    });
  });
}

function pathOf({ pathStart, path }: LayoutResult, e: number): [number, number][] {
  const points: [number, number][] = [];
  for (let i = pathStart[e] ?? 0; i < (pathStart[e + 1] ?? 0); i++)
    points.push([path[2 * i] ?? 0, path[2 * i + 1] ?? 0]);
  return points;
}

function assertDownwards(input: LayoutInput, result: LayoutResult): void {
  for (let e = 0; e < input.from.length; e++) {
    const points = pathOf(result, e);
    const from = boxOf(input, result, input.from[e] ?? 0);
    const to = boxOf(input, result, input.to[e] ?? 0);
    const [startX, startY] = points[0] ?? [0, 0];
    const [endX, endY] = points.at(-1) ?? [0, 0];
    assert.ok(
      Math.abs(startY - from.bottom) < 0.5 && startX >= from.left && startX <= from.right,
      `edge ${e} starts elsewhere`,
    );
    assert.ok(Math.abs(endY - to.top) < 0.5 && endX >= to.left && endX <= to.right, `edge ${e} ends elsewhere`);
    const goesUp = points.some(([, y], i) => y < (points[i - 1]?.[1] ?? y) - 0.01);
    assert.ok(!goesUp, `edge ${e} goes up`);
  }
}

/** Every stretch of an edge, as the rectangle that its line or curve stays in, against every box. */
function assertNoEdgeThroughBox(input: LayoutInput, result: LayoutResult): void {
  const boxes = Array.from(input.height, (_, v) => boxOf(input, result, v));
  for (let e = 0; e < input.from.length; e++) {
    const points = pathOf(result, e);
    points.slice(1).forEach(([x, y], i) => {
      const [previousX, previousY] = points[i] ?? [x, y];
      const stretch = { left: Math.min(x, previousX), right: Math.max(x, previousX), top: previousY, bottom: y };
      const line = { ...stretch, left: stretch.left - 0.6, right: stretch.right + 0.6 };
      boxes.forEach((box, v) => {
        if (v === input.from[e] || v === input.to[e]) return;
        assert.ok(!overlap(line, box), `edge ${e} runs through box ${v}`);
      });
    });
  }
}
