// The profiler panel in a real browser: opening a recording of a million ops, frames while it is moved, and a table of 100,000 rows that scrolls.

import { existsSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { Profiles } from "../../extension/profiles/profiles.ts";
import { inProject } from "../../scripts/project.ts";
import type { PackedTimeline } from "../../webview/protocol/timeline.ts";
import { opRows, ProfilerPage, profilerTested } from "../webview/profiler/profilerPage.ts";
import { syntheticTimeline } from "../webview/profiler/syntheticTimeline.ts";
import { PanelBrowser } from "../webview/support/panelBrowser.ts";
import { millionEvents } from "./profileQueries.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const frames = 150;

export const benchmarks: readonly Benchmark[] = [
  { name: "profiler-open", measure: open },
  { name: "profiler-frames", measure: measureFrames },
  { name: "profiler-table", measure: measureTable },
];

let kept:
  | { readonly timeline: PackedTimeline; readonly workerMs: number; readonly turnMs: number; readonly hostMb: number }
  | undefined;

/** The timeline as the panel gets it, how long it took, and the longest time in which the host could do nothing else. */
async function packed() {
  if (kept) return kept;
  const recording = millionEvents();
  const profiles = new Profiles(inProject("dist", "profileWorker.js"));
  try {
    const before = process.memoryUsage().rss;
    const turns = watchTurns();
    const start = performance.now();
    const timeline = await profiles.of(recording, "timeline");
    const workerMs = performance.now() - start;
    const hostMb = (process.memoryUsage().rss - before) / 2 ** 20;
    kept = { timeline, workerMs, turnMs: turns.longest(), hostMb };
    return kept;
  } finally {
    profiles.dispose();
  }
}

/** Working it out, and from the arrival of the columns in the page to the picture. What VS Code takes to carry them is not in it. */
async function open(): Promise<Row> {
  const { timeline, workerMs, turnMs, hostMb } = await packed();
  const browser = await PanelBrowser.start();
  try {
    const times: number[] = [];
    let pageMb = 0;
    for (let run = 0; run < 3; run++) {
      const panel = await browser.openPanel(profilerTested(timeline), {});
      await new ProfilerPage(panel.page).drawn();
      times.push(await drawnAfter(panel.page));
      pageMb = await memoryOf(panel.page);
      await panel.close();
    }
    const row = summary(times.map((time) => time + workerMs));
    return {
      ...{ name: "profiler-open", ...row, spans: timeline.count },
      ...{
        worker_ms: workerMs,
        page_ms: Math.min(...times),
        longest_turn_ms: turnMs,
        page_mb: pageMb,
        worker_mb: hostMb,
      },
    };
  } finally {
    await browser.close();
  }
}

/** Milliseconds from the arrival of the columns to the picture. */
function drawnAfter(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { postedAt } = globalThis as unknown as { postedAt: number };
    return Number(document.querySelector<HTMLElement>(".flame canvas")?.dataset["drawnAt"]) - postedAt;
  });
}

/** The chart is dragged, and zoomed in and out, at every scale from all of it to a few spans. */
async function measureFrames(): Promise<Row> {
  const timeline = syntheticTimeline(1_000_000);
  const browser = await PanelBrowser.start();
  try {
    const panel = await browser.openPanel(profilerTested(timeline), {}, { width: 1600, height: 900 });
    await new ProfilerPage(panel.page).drawn();
    const times = await frameTimes(panel.page, (frame) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".flame canvas");
      // Every third step zooms, in and then out again; the others pan.
      const deltaY = frame % 3 !== 0 ? 0 : frame % 100 < 50 ? -220 : 220;
      const deltaX = frame % 3 === 0 ? 0 : frame % 2 === 0 ? 90 : -60;
      const options = { deltaX, deltaY, clientX: 500, clientY: 300, bubbles: true, cancelable: true };
      canvas?.dispatchEvent(new WheelEvent("wheel", options));
    });
    await panel.close();
    return { name: "profiler-frames", ...summary(times), longest_ms: Math.max(...times), spans: timeline.count };
  } finally {
    await browser.close();
  }
}

async function measureTable(): Promise<Row> {
  const browser = await PanelBrowser.start();
  try {
    const panel = await browser.openPanel(
      profilerTested(),
      { loadOps: () => opRows(100_000) },
      { width: 1600, height: 900 },
    );
    const page = new ProfilerPage(panel.page);
    await page.drawn();
    await page.tab("Ops");
    await panel.page.getByRole("table", { name: "Ops" }).waitFor();
    const times = await frameTimes(panel.page, (frame) => {
      document.querySelector(".table-holder")?.scrollBy(0, frame % 10 === 9 ? 100_000 : 400);
    });
    await panel.close();
    return { name: "profiler-table", ...summary(times), longest_ms: Math.max(...times), rows: 100_000 };
  } finally {
    await browser.close();
  }
}

/**
 * What the page's thread did for each frame, in milliseconds of a processor: on a machine that is shared, the time between two frames
 * tells more about the others.
 */
async function frameTimes(page: Page, step: (frame: number) => void): Promise<number[]> {
  const worked = await workOf(page);
  await page.evaluate(`globalThis.stepFrame = ${step}`);
  const times: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const before = await worked();
    await page.evaluate(async (at) => {
      const { stepFrame } = globalThis as unknown as { stepFrame(at: number): void };
      stepFrame(at);
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    }, frame);
    times.push((await worked()) - before);
  }
  return times;
}

/** How long the page's thread has been at work. Chromium knows only for how long its tasks went on, waiting for a processor included; Linux knows better. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const threads = (await renderersOf(page))
    .map((id) => `/proc/${id}/task/${id}/schedstat`)
    .filter((file) => existsSync(file));
  if (threads.length > 0) {
    const read = (file: string): number => Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6;
    return async () => threads.reduce((sum, file) => sum + read(file), 0);
  }
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
}

/** The processes that draw pages: the one of this page, and perhaps one that is kept ready and does nothing. */
async function renderersOf(page: Page): Promise<number[]> {
  const whole = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await whole?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** Megabytes of the page's process, after its garbage was collected. */
async function memoryOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  return Math.max(0, ...(await renderersOf(page)).map(residentMb));
}

function residentMb(id: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    // Only Linux tells it this way.
    return 0;
  }
}

/** The longest time between two turns of the event loop since it was called. */
function watchTurns(): { longest(): number } {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return {
    longest: () => {
      clearInterval(timer);
      return longest;
    },
  };
}
