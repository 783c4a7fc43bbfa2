import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Handlers } from "../../../webview/protocol/contract.ts";
import {
  type TrainingEvents,
  type TrainingReply,
  type TrainingRequests,
  trainingPanel,
} from "../../../webview/protocol/training.ts";
import { accessibilityFaults } from "../support/accessibility.ts";
import { type OpenOptions, type OpenPanel, PanelBrowser, type TestedPanel } from "../support/panelBrowser.ts";
import { type ThemeName, themes } from "../support/themes.ts";

const run = {
  file: "examples/mlp.ts",
  startedAt: Date.UTC(2026, 10, 23, 14, 3, 22),
  durationMs: 412,
  outcome: "ok",
} as const;

/** Curves of so many steps and parameters. */
function curves(count: number, parameters: number): TrainingReply {
  const over = (of: (step: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, step) => of(step));
  return {
    count,
    time: over((step) => step * 2),
    event: Uint32Array.from({ length: count }, (_, step) => step + 1),
    loss: over((step) => 2.3 * Math.exp(-step / 30) + 0.05 * Math.sin(step)),
    rate: over((step) => 0.1 * 0.5 ** Math.floor(step / 25)),
    gradNorm: over((step) => (step === 3 ? Number.NaN : 1.4 / (1 + step / 20))),
    shown: Uint32Array.from({ length: count }, (_, step) => step),
    parameters: Array.from({ length: parameters }, (_, i) => ({
      tensor: i + 1,
      name: `net.${i >> 1}.${i % 2 === 0 ? "weight" : "bias"}`,
      shape: i % 2 === 0 ? [16, 16] : [16],
      grad: over((step) => 10 ** (-i / 2) / (1 + step / 20)),
      updateRatio: over((step) => (step % 4 === 0 ? 10 ** -(2 + i / 4) : Number.NaN)),
    })),
    histograms: Array.from({ length: 12 }, (_, i) => ({
      tensor: 1,
      name: "net.0.weight",
      of: i % 2 === 0 ? ("value" as const) : ("grad" as const),
      step: i * 8,
      low: -1 - i / 10,
      high: 1 + i / 10,
      counts: Float64Array.from({ length: 30 }, (_, bin) => Math.exp(-(((bin - 15) / (4 + i / 2)) ** 2)) * 100),
    })),
  };
}

const tested: TestedPanel<TrainingRequests, TrainingEvents> = {
  contract: trainingPanel,
  unanswered: {
    loadTraining: () => ({ kind: "training", run, training: curves(80, 8) }),
    revealParameter: () => {},
    runModel: () => {},
  },
};

describe("the training panel in a browser", () => {
  let browser: PanelBrowser;
  let panel: OpenPanel<TrainingEvents>;

  before(async () => {
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  afterEach(async () => {
    const { complaints } = panel;
    await panel.close();
    assert.deepEqual(complaints, [], "the page broke its security policy or threw");
  });

  async function open(handlers: Partial<Handlers<TrainingRequests, AbortSignal>> = {}, options: OpenOptions = {}) {
    panel = await browser.openPanel(tested, handlers, options);
    return panel.page;
  }

  it("draws loss, gradient norm, learning rate, and gradients and updates of parameters", async () => {
    const page = await open();
    for (const name of [
      "Loss",
      "Gradient norm",
      "Learning rate",
      "Gradient of parameters, norm",
      "Update of parameters, relative to their size",
    ]) {
      const chart = page.getByRole("figure", { name, exact: true });
      await chart.locator("canvas").waitFor();
    }
    assert.match(
      (await page.getByRole("img", { name: /^Loss/ }).getAttribute("aria-label")) ?? "",
      /from 2\.3\d* to 0\.\d+/,
    );
  });

  it("shows at most six parameters in a chart, and the others on request", async () => {
    const page = await open();
    await page.getByText("parameters 1 to 6 of 8").waitFor();
    await page.getByRole("button", { name: "Parameters after these" }).click();
    await page.getByText("parameters 7 to 8 of 8").waitFor();
    await page.locator("vscode-text-field").click();
    await page.keyboard.type("bias");
    await page.waitForFunction(() => !document.querySelector(".pages"));
    assert.equal(await page.getByRole("table", { name: "Parameters" }).getAttribute("aria-rowcount"), "5");
  });

  it("goes on while the model runs", async () => {
    let steps = 10;
    const page = await open({
      loadTraining: () => ({ kind: "training", run: { ...run, outcome: "running" }, training: curves(steps, 2) }),
    });
    await page.getByText("10 steps").waitFor();
    steps = 25;
    panel.send.trainingChanged();
    await page.getByText("25 steps").waitFor();
  });

  it("stays zoomed while the model runs, until a double click", async () => {
    let steps = 80;
    const page = await open({
      loadTraining: () => ({ kind: "training", run: { ...run, outcome: "running" }, training: curves(steps, 2) }),
    });
    const chart = page.getByRole("figure", { name: "Loss", exact: true });
    const { x, y, width, height } = (await chart.locator(".u-over").boundingBox()) ?? assert.fail();
    const at = async (share: number): Promise<number> => {
      await page.mouse.move(x + width / 2, y + height / 3);
      await page.mouse.move(x + width * share, y + height / 2);
      await page.waitForTimeout(100);
      return Number(/^step (\d+)$/.exec((await chart.locator("figcaption .quiet").textContent()) ?? "")?.[1]);
    };
    const goOn = async (): Promise<void> => {
      steps += 80;
      panel.send.trainingChanged();
      await page.getByText(`${steps} steps`).waitFor();
    };
    await at(0.25);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.4, y + height / 2);
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.up();
    const zoomed = await at(0.95);
    assert.ok(zoomed > 30 && zoomed < 42, `step ${zoomed}`);
    await goOn();
    assert.equal(await at(0.95), zoomed);
    await page.mouse.dblclick(x + width / 2, y + height / 2);
    assert.ok((await at(0.95)) > 145);
    await goOn();
    assert.ok((await at(0.95)) > 220);
  });

  it("has a table behind every chart", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Show as tables" }).click();
    const table = page.getByRole("table", { name: "Loss" });
    assert.equal(await table.getAttribute("aria-rowcount"), "81");
    await page.getByRole("table", { name: "Values of net.0.weight" }).waitFor();
  });

  it("leads from a parameter to the line that names it", async () => {
    const revealed: number[] = [];
    const page = await open({ revealParameter: (tensor) => void revealed.push(tensor) });
    await page.getByRole("button", { name: "net.1.weight" }).click();
    assert.deepEqual(revealed, [3]);
  });

  it("says why there are no curves, and offers the one thing to do", async () => {
    let asked = 0;
    const page = await open({
      loadTraining: () => ({ kind: "empty", reason: "No run is open.", action: "Run mlp.ts" }),
      runModel: () => void asked++,
    });
    await page.getByText("No run is open.").waitFor();
    await page.getByText("Run mlp.ts").click();
    assert.equal(asked, 1);
  });

  it("has no fault in accessibility, and looks different in every theme", async () => {
    const folder = path.join(import.meta.dirname, "..", ".shots");
    mkdirSync(folder, { recursive: true });
    const taken = new Set<string>();
    for (const theme of Object.keys(themes) as ThemeName[]) {
      if (taken.size > 0) await panel.close();
      const page = await open({}, { theme, height: 1300 });
      await page.getByRole("figure", { name: "Loss" }).locator("canvas").waitFor();
      await page.waitForTimeout(200);
      taken.add((await page.screenshot({ path: path.join(folder, `training.${theme}.png`) })).toString("base64"));
      assert.deepEqual(await accessibilityFaults(page), [], theme);
    }
    assert.equal(taken.size, Object.keys(themes).length);
  }).timeout(60_000);
});
