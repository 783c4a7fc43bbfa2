import type { Rect } from "../../engine/recording/layout/drawing.ts";

/** Which part of a drawing the screen shows: drawing point (x, y) is at the screen's top left corner. Never changed, only replaced. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  /** Screen pixels per drawing unit. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Further out, the dots of neighbouring layers would run into each other. */
export const smallestScale = 0.04;
export const largestScale = 4;

export function toScreen(view: Viewport, point: Point): Point {
  return { x: (point.x - view.x) * view.scale, y: (point.y - view.y) * view.scale };
}

export function toDrawing(view: Viewport, point: Point): Point {
  return { x: point.x / view.scale + view.x, y: point.y / view.scale + view.y };
}

/** The rectangle of the drawing that a screen of this size shows. */
export function shownRect(view: Viewport, screen: Size): Rect {
  return { x: view.x, y: view.y, width: screen.width / view.scale, height: screen.height / view.scale };
}

/** Moves what is shown by screen pixels: the drawing follows the hand. */
export function pan(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale };
}

/** Zooms and keeps the drawing's point under `fixed` (a place on the screen) where it is. */
export function zoomAt(view: Viewport, factor: number, fixed: Point): Viewport {
  const scale = clamp(view.scale * factor, smallestScale, largestScale);
  const held = toDrawing(view, fixed);
  return { x: held.x - fixed.x / scale, y: held.y - fixed.y / scale, scale };
}

/** Shows a drawing of any length: whole when that leaves its dots apart, otherwise as much of it around what is in sight now. */
export function fitAround(view: Viewport, rect: Rect, screen: Size): Viewport {
  const whole = fitRect(rect, screen);
  if (rect.height * whole.scale <= screen.height) return whole;
  const middle = view.y + screen.height / view.scale / 2;
  const half = screen.height / whole.scale / 2;
  const y = clamp(middle, rect.y + half - 24 / whole.scale, rect.y + rect.height - half + 24 / whole.scale);
  return centerOn(whole, { x: rect.x + rect.width / 2, y }, screen);
}

/** A small graph is shown a little larger than life, not blown up. */
const largestFit = 1.3;

/** Shows a whole rectangle in the middle of the screen. */
export function fitRect(rect: Rect, screen: Size, margin = 24): Viewport {
  const room = { width: Math.max(1, screen.width - 2 * margin), height: Math.max(1, screen.height - 2 * margin) };
  const scale = clamp(Math.min(room.width / rect.width, room.height / rect.height), smallestScale, largestFit);
  return centerOn({ scale, x: 0, y: 0 }, middleOf(rect), screen);
}

/** Shows a whole drawing when it can be read so, and otherwise its top at a size that can, with `kept` pixels free on the right. */
export function firstView(rect: Rect, screen: Size, readable: number, kept = 0): Viewport {
  const whole = fitRect(rect, screen);
  if (whole.scale >= readable) return whole;
  const room = { width: screen.width - kept, height: screen.height };
  const wide = clamp((room.width - 48) / rect.width, readable, 1);
  const view = centerOn({ scale: wide, x: 0, y: 0 }, middleOf(rect), room);
  return { ...view, y: rect.y - 24 / wide };
}

export function centerOn(view: Viewport, point: Point, screen: Size): Viewport {
  return { ...view, x: point.x - screen.width / view.scale / 2, y: point.y - screen.height / view.scale / 2 };
}

/** Moves as little as needed to bring a rectangle into sight, with some room around it. */
export function reveal(view: Viewport, rect: Rect, screen: Size, room = 48): Viewport {
  const shown = shownRect(view, screen);
  const around = Math.min(room / view.scale, shown.width / 4, shown.height / 4);
  return {
    ...view,
    x: nearestStart(shown.x, shown.width, rect.x - around, rect.width + 2 * around),
    y: nearestStart(shown.y, shown.height, rect.y - around, rect.height + 2 * around),
  };
}

/** Where a window of `length` must start to hold a span; the span's own middle when it is longer than the window. */
function nearestStart(start: number, length: number, spanStart: number, spanLength: number): number {
  if (spanLength > length) return spanStart + spanLength / 2 - length / 2;
  return clamp(start, spanStart + spanLength - length, spanStart);
}

/** A view on the way from one to another; `share` runs from 0 to 1. */
export function between(from: Viewport, to: Viewport, share: number): Viewport {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  // Equal steps of zoom look even, equal steps of scale do not.
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: from.scale * (to.scale / from.scale) ** share };
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

export function middleOf({ x, y, width, height }: Rect): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
