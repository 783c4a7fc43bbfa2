import assert from "node:assert/strict";
import fc from "fast-check";
import { pathLength, pointAlong } from "../../../engine/recording/layout/paths.ts";
import { RectGrid, touch } from "../../../webview/draw/rectGrid.ts";
import {
  between,
  centerOn,
  firstView,
  fitAround,
  fitRect,
  pan,
  reveal,
  shownRect,
  smallestScale,
  toDrawing,
  toScreen,
  type Viewport,
  zoomAt,
} from "../../../webview/draw/viewport.ts";

const screen = { width: 800, height: 600 };
const anyView: fc.Arbitrary<Viewport> = fc.record({
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
  scale: fc.double({ min: 0.05, max: 4, noNaN: true }),
});
const anyPoint = fc.record({ x: fc.integer({ min: 0, max: 800 }), y: fc.integer({ min: 0, max: 600 }) });
const anyRect = fc.record({
  x: fc.integer({ min: -3000, max: 3000 }),
  y: fc.integer({ min: -3000, max: 3000 }),
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 300 }),
});

describe("the viewport", () => {
  it("maps to the screen and back", () => {
    fc.assert(
      fc.property(anyView, anyPoint, (view, point) => {
        const back = toScreen(view, toDrawing(view, point));
        assert.ok(Math.hypot(back.x - point.x, back.y - point.y) < 1e-6);
      }),
    );
  });

  it("keeps the point under the pointer where it is while zooming", () => {
    fc.assert(
      fc.property(anyView, anyPoint, fc.double({ min: 0.2, max: 5, noNaN: true }), (view, point, factor) => {
        const before = toDrawing(view, point);
        const after = toDrawing(zoomAt(view, factor, point), point);
        assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 1e-6);
      }),
    );
  });

  it("moves the drawing with the hand", () => {
    const view = { x: 10, y: 20, scale: 2 };
    assert.deepEqual(toScreen(pan(view, 30, -8), { x: 50, y: 50 }), { x: 110, y: 52 });
  });

  it("brings a rectangle into sight, and does not move when it is there", () => {
    fc.assert(
      fc.property(anyView, anyRect, (view, rect) => {
        const moved = reveal(view, rect, screen);
        const shown = shownRect(moved, screen);
        if (rect.width <= shown.width && rect.height <= shown.height) {
          assert.ok(rect.x >= shown.x - 1e-6 && rect.x + rect.width <= shown.x + shown.width + 1e-6);
          assert.ok(rect.y >= shown.y - 1e-6 && rect.y + rect.height <= shown.y + shown.height + 1e-6);
        }
        const again = reveal(moved, rect, screen);
        assert.ok(Math.hypot(again.x - moved.x, again.y - moved.y) < 1e-6);
      }),
    );
  });

  it("fits a drawing into the screen, in its middle", () => {
    const view = fitRect({ x: 0, y: 0, width: 2000, height: 500 }, screen);
    const { x, y } = toScreen(view, { x: 1000, y: 250 });
    assert.ok(Math.abs(x - 400) < 1e-6 && Math.abs(y - 300) < 1e-6);
    assert.ok(shownRect(view, screen).width >= 2000);
  });

  it("never zooms out so far that dots run into each other", () => {
    const long = { x: 0, y: 0, width: 300, height: 200_000 };
    const view = fitAround(centerOn({ x: 0, y: 0, scale: 1 }, { x: 150, y: 90_000 }, screen), long, screen);
    assert.equal(view.scale, smallestScale);
    const middle = toDrawing(view, { x: 400, y: 300 });
    assert.ok(Math.abs(middle.y - 90_000) < 1, "what was in sight stays in sight");
  });

  it("opens a long drawing at its top, at a size that can be read", () => {
    const view = firstView({ x: 0, y: 0, width: 300, height: 50_000 }, screen, 0.6);
    assert.ok(view.scale >= 0.6);
    assert.ok(view.y <= 0 && view.y > -60);
  });

  it("passes through both ends of a move", () => {
    const from = { x: 0, y: 0, scale: 1 };
    const to = { x: 100, y: 50, scale: 4 };
    assert.deepEqual(between(from, to, 0), from);
    assert.deepEqual(between(from, to, 1), to);
    assert.equal(between(from, to, 0.5).scale, 2);
  });
});

describe("the grid of rectangles", () => {
  it("finds exactly what a look at every rectangle finds", () => {
    fc.assert(
      fc.property(fc.array(anyRect, { maxLength: 80 }), anyRect, (rects, area) => {
        const slow = rects.flatMap((rect, i) => (touch(rect, area) ? [i] : []));
        assert.deepEqual(new RectGrid(rects).within(area), slow);
      }),
    );
  });

  it("finds what lies under a point", () => {
    const grid = new RectGrid([
      { x: 0, y: 0, width: 10, height: 10 },
      { x: 500, y: 500, width: 10, height: 10 },
    ]);
    assert.deepEqual(grid.at({ x: 505, y: 505 }), [1]);
    assert.deepEqual(grid.at({ x: 250, y: 250 }), []);
    assert.deepEqual(new RectGrid([]).at({ x: 0, y: 0 }), []);
  });
});

describe("points along an edge", () => {
  const bent = Float64Array.of(0, 0, 0, 100, 60, 180, 60, 300);

  it("starts at its first point, ends at its last and stays between", () => {
    assert.deepEqual(pointAlong(bent, 0), { x: 0, y: 0 });
    assert.deepEqual(pointAlong(bent, 1), { x: 60, y: 300 });
    const middle = pointAlong(bent, 0.5);
    assert.ok(middle.x > 0 && middle.x < 60 && middle.y > 100 && middle.y < 180);
    assert.equal(pathLength(bent), 320);
  });
});
