import type { FlameChart } from "./flameChart.ts";

/** What keys do besides moving in the chart. */
export interface FlameActions {
  /** Shows where the selected span was written. */
  readonly reveal: () => void;
}

/** Pixels that one arrow key pans. */
const panStep = 80;

const directions = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

/** Everything the keyboard does on a flame chart; a key it does not know is left to the page. */
export function handleFlameKey(chart: FlameChart, actions: FlameActions, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isHandled = isArrow(event.key) ? move(chart, event.key, event.shiftKey) : act(chart, actions, event.key);
  if (!isHandled) return;
  event.preventDefault();
  event.stopPropagation();
}

function isArrow(key: string): key is keyof typeof directions {
  return Object.hasOwn(directions, key);
}

/** From span to span when one is selected; otherwise, and with Shift, over the chart. */
function move(chart: FlameChart, key: keyof typeof directions, pans: boolean): boolean {
  const direction = directions[key];
  if (pans || chart.selected.get() < 0) {
    const dx = direction === "left" ? panStep : direction === "right" ? -panStep : 0;
    const dy = direction === "up" ? panStep : direction === "down" ? -panStep : 0;
    chart.pan(dx, dy);
    return true;
  }
  go(chart, chart.neighbour(direction));
  return true;
}

function act(chart: FlameChart, actions: FlameActions, key: string): boolean {
  const known: Readonly<Record<string, () => void>> = {
    Enter: actions.reveal,
    " ": () => go(chart, chart.selected.get() < 0 ? firstInSight(chart) : chart.selected.get()),
    Escape: () => chart.choose(-1),
    "+": () => chart.zoom(1.4),
    "=": () => chart.zoom(1.4),
    "-": () => chart.zoom(1 / 1.4),
    w: () => chart.zoom(1.4),
    s: () => chart.zoom(1 / 1.4),
    a: () => chart.pan(panStep, 0),
    d: () => chart.pan(-panStep, 0),
    f: () => chart.fit(),
    F: () => chart.fit(),
    z: () => chart.zoomTo(chart.selected.get()),
    l: () => go(chart, linked(chart)),
    n: () => go(chart, chart.nextFound(1)),
    N: () => go(chart, chart.nextFound(-1)),
    PageDown: () => chart.pan(-chart.size.width * 0.8, 0),
    PageUp: () => chart.pan(chart.size.width * 0.8, 0),
    Home: () => go(chart, 0),
  };
  const action = Object.hasOwn(known, key) ? known[key] : undefined;
  action?.();
  return action !== undefined;
}

function go(chart: FlameChart, span: number): void {
  if (span < 0) return;
  chart.reveal(span);
  chart.choose(span);
}

/** The forward op of a backward node, or the other way round. */
function linked(chart: FlameChart): number {
  const link = chart.model.get()?.timeline.link;
  const span = chart.selected.get();
  if (!link || span < 0) return -1;
  const forward = link[span] ?? -1;
  return forward >= 0 ? forward : link.indexOf(span);
}

function firstInSight(chart: FlameChart): number {
  const { timeline } = chart.model.get() ?? {};
  if (!timeline) return -1;
  const { begin } = chart.view.get();
  return timeline.count === 0
    ? -1
    : Math.max(
        0,
        timeline.start.findIndex((start) => start >= begin),
      );
}
