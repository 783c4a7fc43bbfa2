// The graph panel in a real browser: opening a graph of 2,000 ops, and for how long one of 10,000 lets the page do nothing else.

import type { Page } from "playwright-core";
import type { Graph } from "../../engine/recording/queries/graphTypes.ts";
import { longChain, transformer } from "../webview/graphs/examples.ts";
import { GraphPage, shown } from "../webview/support/graphPage.ts";
import { PanelBrowser } from "../webview/support/panelBrowser.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const repeats = 5;

/** `open` is from the arrival of the graph in the page to its picture; `turn` the longest time in which the page could not answer meanwhile. */
export const benchmarks: readonly Benchmark[] = [
  { name: "graph-open-2000", measure: () => measure("graph-open-2000", chain(2000), "open") },
  { name: "graph-open-2000-network", measure: () => measure("graph-open-2000-network", network(2000), "open") },
  { name: "graph-turn-10000", measure: () => measure("graph-turn-10000", chain(10_000), "turn") },
  { name: "graph-turn-10000-network", measure: () => measure("graph-turn-10000-network", network(10_000), "turn") },
];

/** What one opening came to, in milliseconds. */
interface Opening {
  readonly open: number;
  readonly turn: number;
  /** From the click that unfolds all modules to the picture, and the longest turn in it; nothing where there are no modules. */
  readonly unfold: number | undefined;
  readonly unfoldTurn: number | undefined;
}

async function measure(name: string, graph: Graph, what: "open" | "turn"): Promise<Row> {
  const browser = await PanelBrowser.start();
  try {
    const openings: Opening[] = [];
    for (let run = 0; run < repeats; run++) openings.push(await openOnce(browser, graph));
    const least = (of: keyof Opening) => Math.min(...openings.map((opening) => opening[of] ?? Number.NaN));
    const other = what === "open" ? { longest_turn_ms: least("turn") } : { open_ms: least("open") };
    const unfolding =
      graph.groups.length === 0 ? {} : { unfold_ms: least("unfold"), unfold_turn_ms: least("unfoldTurn") };
    return { name, ...summary(openings.map((opening) => opening[what])), ops: opsOf(graph), ...other, ...unfolding };
  } finally {
    await browser.close();
  }
}

async function openOnce(browser: PanelBrowser, graph: Graph): Promise<Opening> {
  const isWatched = Promise.withResolvers<void>();
  const panel = await browser.open({ loadGraph: () => isWatched.promise.then(() => shown(graph)) });
  try {
    const { page } = panel;
    await watchTurns(page);
    isWatched.resolve();
    await page.waitForSelector(".graph canvas[data-boxes]");
    const opened = await sincePosted(page);
    if (graph.groups.length === 0) return { ...opened, unfold: undefined, unfoldTurn: undefined };

    const folded = await drawnAt(page);
    await new GraphPage(page).settled();
    await page.evaluate(() => {
      const scope = globalThis as unknown as { postedAt: number; turns: number[] };
      const button = document.querySelector<HTMLElement>('[aria-label="Unfold all modules"]');
      scope.postedAt = performance.now();
      button?.click();
    });
    await page.waitForFunction(
      (before) => Number(document.querySelector<HTMLElement>(".graph canvas")?.dataset["drawnAt"]) > before,
      folded,
    );
    const { open, turn } = await sincePosted(page);
    return { ...opened, unfold: open, unfoldTurn: turn };
  } finally {
    await panel.close();
  }
}

/** Has the page note when its thread was free to do something: timers that follow each other as fast as a browser lets them. */
function watchTurns(page: Page): Promise<void> {
  return page.evaluate(() => {
    const turns: number[] = [];
    Object.assign(globalThis, { turns });
    const turn = (): void => {
      turns.push(performance.now());
      setTimeout(turn, 0);
    };
    turn();
  });
}

/** From the moment something was posted, or clicked, to the picture that came of it. */
async function sincePosted(page: Page): Promise<{ open: number; turn: number }> {
  // The frame of the picture, and what it kept from being done, are over once another frame has begun.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
  const end = await drawnAt(page);
  return page.evaluate((drawn) => {
    const { postedAt, turns } = globalThis as unknown as { postedAt: number; turns: number[] };
    let turn = 0;
    let last = postedAt;
    for (const at of turns) {
      if (at <= postedAt) continue;
      turn = Math.max(turn, at - last);
      last = at;
      if (at > drawn) break;
    }
    return { open: drawn - postedAt, turn };
  }, end);
}

function drawnAt(page: Page): Promise<number> {
  return page.evaluate(() => Number(document.querySelector<HTMLElement>(".graph canvas")?.dataset["drawnAt"]));
}

/** A plain loop: no modules, so all of it is drawn at once. */
function chain(ops: number): Graph {
  const opsPerNode = opsOf(longChain(1000)) / 1000;
  return longChain(Math.ceil(ops / opsPerNode) + 10);
}

/** A transformer of as many blocks: it opens with its modules folded. */
function network(ops: number): Graph {
  const one = opsOf(transformer(1));
  const perBlock = opsOf(transformer(2)) - one;
  return transformer(Math.ceil((ops - one) / perBlock) + 1);
}

function opsOf(graph: Graph): number {
  return graph.nodes.filter(({ kind }) => kind === "op").length;
}
