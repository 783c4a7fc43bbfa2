import type { Page } from "playwright-core";
import { callTree } from "../../../engine/recording/queries/profile/callTree.ts";
import {
  leftHeavy,
  type MergedTimeline,
  sandwichOf,
} from "../../../engine/recording/queries/profile/mergedTimeline.ts";
import type { FlameCanvas } from "../../../webview/profiler/flame/flamePainter.ts";
import type { Handlers } from "../../../webview/protocol/contract.ts";
import {
  type MemoryReply,
  type PackedOps,
  type ProfilerEvents,
  type ProfilerRequests,
  type ProfileShown,
  profilerPanel,
} from "../../../webview/protocol/profiler.ts";
import type { PackedTimeline } from "../../../webview/protocol/timeline.ts";
import type { TestedPanel } from "../support/panelBrowser.ts";
import { type ThemeName, themes } from "../support/themes.ts";
import { syntheticTimeline } from "./syntheticTimeline.ts";

export type ProfilerHandlers = Handlers<ProfilerRequests, AbortSignal>;

/** A reply that shows a profile. */
export const shownProfile: ProfileShown = {
  kind: "profile",
  source: "run",
  run: { file: "examples/mlp.ts", startedAt: Date.UTC(2026, 10, 23, 14, 3, 22), durationMs: 412, outcome: "ok" },
  warning: null,
  others: [],
};

/** The profiler panel; handlers of a test that does not care show a small training. */
export function profilerTested(
  timeline: PackedTimeline = syntheticTimeline(300),
): TestedPanel<ProfilerRequests, ProfilerEvents> {
  const packed = ({ sample, ...merged }: MergedTimeline): PackedTimeline => ({
    ...merged,
    place: sample.map((span) => timeline.place[span] ?? -1),
    places: timeline.places,
  });
  const unanswered: ProfilerHandlers = {
    loadProfile: () => shownProfile,
    loadTimeline: () => timeline,
    loadMerged: () => packed(leftHeavy(timeline, callTree(timeline))),
    loadSandwich: (name) => {
      const { callers, callees } = sandwichOf(timeline, callTree(timeline), timeline.names.indexOf(name));
      return { callers: packed(callers), callees: packed(callees) };
    },
    loadOps: ({ byShape = false }) => opRows(40, byShape),
    loadModules: () => moduleNodes,
    loadLines: () => lineCosts,
    loadMemory: () => memoryReply,
    loadComparison: () => comparisonReply,
    chooseOther: () => null,
    exportProfile: () => null,
    revealSource: () => {},
    showInGraph: () => {},
    profileModel: () => {},
    openTrace: () => {},
    closeTrace: () => {},
  };
  return { contract: profilerPanel, unanswered };
}

/** A table of so many ops. */
export function opRows(count: number, byShape = false): PackedOps {
  const rows = Array.from({ length: count }, (_, row) => row);
  const texts = [
    ...rows.map((row) => ["matmul", "add", "relu", "MmBackward0"][row % 4] + (row < 4 ? "" : ` ${row}`)),
    "[64, 784] [784, 256]",
    "net.0",
  ];
  const places = [{ file: "/work/model.ts", line: 12, column: 3 }];
  const selfOf = (row: number): number => (count - row) * 0.013;
  const whole = rows.reduce((sum, row) => sum + selfOf(row), 0);
  return {
    count,
    texts,
    places,
    name: Int32Array.from(rows),
    kind: Uint8Array.from(rows, (row) => (row % 4 === 3 ? 4 : 3)),
    shapes: Int32Array.from(rows, () => (byShape ? count : -1)),
    place: Int32Array.from(rows, (row) => (row % 2) - 1),
    module: Int32Array.from(rows, () => count + 1),
    calls: Float64Array.from(rows, (row) => 1 + (row % 7)),
    self: Float64Array.from(rows, selfOf),
    total: Float64Array.from(rows, (row) => selfOf(row) * 1.2),
    flops: Float64Array.from(rows, (row) => (row % 4 === 0 ? 2e7 : 0)),
    bytes: Float64Array.from(rows, (row) => row * 4096),
    moved: Float64Array.from(rows, (row) => row * 12_288),
    share: Float64Array.from(rows, (row) => selfOf(row) / whole),
    span: Int32Array.from(rows, () => -1),
  };
}

const moduleNodes = [
  {
    id: 0,
    parent: -1,
    name: "net",
    type: "Sequential",
    forward: 31.2,
    backward: 55.1,
    forwardSelf: 1.2,
    backwardSelf: 0,
  },
  { id: 1, parent: 0, name: "net.0", type: "Linear", forward: 21, backward: 43, forwardSelf: 21, backwardSelf: 43 },
  { id: 2, parent: 0, name: "net.1", type: "ReLU", forward: 2, backward: 3.1, forwardSelf: 2, backwardSelf: 3.1 },
  { id: 3, parent: 0, name: "net.2", type: "Linear", forward: 7, backward: 9, forwardSelf: 7, backwardSelf: 9 },
].map((node) => ({ ...node, calls: 20, flops: 2e9, backwardFlops: 4e9, bytes: 3_145_728, span: node.id }));

const lineCosts = {
  lines: [
    { file: "/work/model.ts", line: 12, forward: 31.2, backward: 62.7, saved: 4_194_304, calls: 20 },
    { file: "/work/model.ts", line: 10, forward: 12.5, backward: 18.1, saved: 65_536, calls: 40 },
    { file: "/work/model.ts", line: 17, forward: 0.4, backward: 0, saved: 0, calls: 20 },
  ],
  total: 160,
  unaccounted: 35.1,
  placeless: 1.5,
};

const times = Float64Array.from({ length: 200 }, (_, i) => i * 0.8);
const bytes = (base: number, swing: number): Float64Array =>
  times.map((_, i) => base + swing * (1 + Math.sin(i / 9)) + (i % 40) * swing * 0.05);

const memoryReply: MemoryReply = {
  time: times,
  total: bytes(4e6, 3e6),
  owners: [
    { name: "parameters", bytes: bytes(940_000, 0) },
    { name: "gradients", bytes: bytes(0, 470_000) },
    { name: "saved", bytes: bytes(200_000, 1_400_000) },
    { name: "optimizer", bytes: bytes(940_000, 0) },
    { name: "data", bytes: bytes(200_704, 0) },
    { name: "temporaries", bytes: bytes(0, 300_000) },
  ],
  peak: {
    time: 132.4,
    bytes: 9_437_184,
    byOwner: [940_000, 940_000, 4_200_000, 940_000, 200_704, 2_216_480],
    tensors: [
      {
        label: "matmul",
        shape: [64, 4096],
        bytes: 1_048_576,
        owner: "saved",
        place: { file: "/work/model.ts", line: 12, column: 3 },
      },
      { label: "net.0.weight", shape: [784, 256], bytes: 802_816, owner: "parameters", place: null },
    ],
    others: { count: 31, bytes: 1_203_000 },
  },
  kept: {
    time: 131.9,
    bytes: 4_200_000,
    count: 18,
    tensors: [
      {
        label: "h",
        shape: [64, 4096],
        bytes: 1_048_576,
        owner: "relu",
        place: { file: "/work/model.ts", line: 12, column: 3 },
      },
    ],
    lines: [
      { place: { file: "/work/model.ts", line: 12, column: 3 }, bytes: 3_145_728, count: 12 },
      { place: { file: "/work/model.ts", line: 10, column: 3 }, bytes: 1_054_272, count: 6 },
    ],
    checkpoints: [{ name: "net.0", type: "Linear", saves: 2_097_152, costs: 0.84, calls: 1 }],
  },
};

const side = (line: number, forward: number, backward: number) => ({
  place: { file: "/work/model.ts", line, column: 3 },
  forward,
  backward,
  calls: 20,
});

const comparisonReply = {
  label: "14:01:10",
  comparison: {
    sites: [
      {
        ops: ["matmul"],
        change: "slower" as const,
        first: side(12, 10, 20),
        second: side(12, 31.2, 62.7),
        difference: 63.9,
      },
      { ops: ["tanh"], change: "gone" as const, first: side(13, 2, 2), second: null, difference: -4 },
      { ops: ["relu"], change: "new" as const, first: null, second: side(13, 0.5, 0.6), difference: 1.1 },
    ],
    firstTotal: 99,
    secondTotal: 160,
    divergence: {
      op: "relu",
      phase: "forward" as const,
      first: 12,
      second: 12,
      firstPlace: null,
      secondPlace: { file: "/work/model.ts", line: 13, column: 3 },
      firstValue: 3.2,
      secondValue: 2.9,
      shapes: null,
      step: 0,
    },
  },
};

/** What a test does with the panel's page, in a user's words. */
export class ProfilerPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get canvas() {
    return this.page.locator(".flame canvas").first();
  }

  /** Waits until a chart is on its canvas. */
  async drawn(): Promise<void> {
    await this.page.waitForSelector(".flame canvas[data-spans]", { timeout: 30_000 });
    await this.settled();
  }

  /** Lets two frames pass. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name, exact: true }).click();
    await this.settled();
  }

  button(label: string) {
    return this.page.getByRole("button", { name: label, exact: true });
  }

  /** Where a span lies on the canvas. */
  async place(span: number): Promise<{ x: number; y: number; width: number; height: number }> {
    const place = await this.canvas.evaluate(
      (canvas, wanted) => (canvas as FlameCanvas).placeOf?.(wanted) ?? null,
      span,
    );
    if (!place) throw new Error(`There is no span ${span}.`);
    return place;
  }

  async click(span: number): Promise<void> {
    const { x, y, width, height } = await this.place(span);
    await this.canvas.click({ position: { x: x + width / 2, y: y + height / 2 } });
    await this.settled();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
    await this.settled();
  }

  async search(text: string): Promise<void> {
    await this.page.locator(".search vscode-text-field").click();
    await this.page.keyboard.type(text);
    await this.settled();
  }

  /** What a screen reader was told last. */
  async spoken(): Promise<string> {
    return (await this.page.locator(".only-spoken[aria-live]").textContent()) ?? "";
  }

  async useTheme(name: ThemeName): Promise<void> {
    await this.page.evaluate(({ bodyClass, variables }) => {
      document.documentElement.removeAttribute("style");
      for (const [variable, value] of Object.entries(variables)) {
        document.documentElement.style.setProperty(`--vscode-${variable}`, value);
      }
      document.body.className = bodyClass;
    }, themes[name]);
    await this.settled();
  }
}
