import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import type { TensorEvents } from "../../../webview/protocol/tensor.ts";
import { scaleOfRows } from "../../../webview/tensor/gridGeometry.ts";
import { type OpenOptions, type OpenPanel, PanelBrowser } from "../support/panelBrowser.ts";
import {
  answersAbout,
  hostileRun,
  largeRun,
  shapesRun,
  stepsRun,
  type TensorHandlers,
  tensorTested,
} from "./answers.ts";

describe("the tensor viewer in a browser", () => {
  let browser: PanelBrowser;
  let panel: OpenPanel<TensorEvents>;
  let page: Page;

  before(async () => {
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  afterEach(async () => {
    const { complaints } = panel;
    await panel.close();
    assert.deepEqual(complaints, [], "the page broke its security policy or threw");
  });

  async function open(handlers: Partial<TensorHandlers>, options: OpenOptions = {}): Promise<void> {
    panel = await browser.openPanel(tensorTested, handlers, options);
    page = panel.page;
    await page.locator(".controls, .empty").first().waitFor();
  }

  const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
  const cell = (row: number, column: number): Locator => page.locator(`#cell-${row}-${column}`);
  const reading = async (): Promise<string> => ((await page.locator(".grid-reading").textContent()) ?? "").trim();
  const figure = async (name: string): Promise<string> =>
    (await page
      .locator(".figures dl > div", { hasText: new RegExp(`^${name}`) })
      .locator("dd")
      .textContent()) ?? "";

  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
  }

  it("says which tensor it is and shows its numbers, its histogram and its figures", async () => {
    await open(answersAbout(shapesRun(), "w"));
    assert.match(
      (await page.locator(".toolbar").textContent()) ?? "",
      /w.*model\.ts:3.*leaf · \[64, 48\] · float32 · requires grad/,
    );
    await cell(0, 0).getByText("−1.526").waitFor();
    assert.equal(await figure("elements"), "3,072");
    assert.equal(await figure("norm"), "56.88");
    assert.equal(await page.locator(".bars rect").count(), 40);
  });

  it("shows value, gradient and their ratio, each with its own figures", async () => {
    await open(answersAbout(shapesRun(), "w"));
    const value = await figure("max");
    await button("Gradient").click();
    await page.waitForFunction((before) => document.querySelectorAll(".figures dd")[2]?.textContent !== before, value);
    assert.match(await page.locator(".figures h2").innerText(), /gradient/i);
    await button("Ratio").click();
    await page.locator(".figures h2", { hasText: "÷" }).waitFor();
    // The gradient of w³ · 2.5 is 7.5 w², so the ratio is 7.5 w.
    await cell(0, 0).getByText("−11.44").waitFor();
  });

  it("walks through the cells with the keyboard, and says each with all its digits", async () => {
    await open(answersAbout(shapesRun(), "w"));
    await cell(0, 0).getByText("−1.526").waitFor();
    await page.getByRole("grid").focus();
    assert.equal(await reading(), "value at [0, 0] -1.5255959033966064");
    await press("ArrowDown", "ArrowRight", "ArrowRight");
    await page.locator(".grid-reading", { hasText: "[1, 2]" }).waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-activedescendant"), "cell-1-2");
    await press("Control+End");
    await page.locator(".grid-reading", { hasText: /\[63, 47\] -?\d/ }).waitFor();
    assert.ok(await cell(63, 47).isVisible());
    await press("Control+Home", "PageDown");
    await page.locator(".grid-reading", { hasText: /\[[1-9]\d, 0\] -?\d/ }).waitFor();
  });

  it("asks only for the cells in sight, of any two dimensions of four", async () => {
    const windows: number[] = [];
    const answers = answersAbout(shapesRun(), "conv");
    await open({
      ...answers,
      loadCells: (view, signal) => {
        windows.push((view.toRow - view.fromRow) * (view.toColumn - view.fromColumn));
        return answers.loadCells(view, signal);
      },
    });
    await cell(4, 4).waitFor();
    const dims = page.getByRole("combobox");
    assert.equal(await dims.count(), 2);
    const index = page.getByRole("spinbutton", { name: "Index in dimension 1, as a number" });
    await index.fill("3");
    await index.press("Enter");
    await page.locator(".grid-reading", { hasText: "[0, 3, 0, 0]" }).waitFor();
    await dims.first().click();
    await page.getByRole("option", { name: /dim 0/ }).click();
    await page.locator(".grid-reading", { hasText: "[0, 3, 0, 0]" }).waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "17");
    assert.ok(Math.max(...windows) <= 16 * 5, String(windows));
  });

  it("shows a vector with its gradient and ratio beside it, and a number as one cell", async () => {
    await open(answersAbout(shapesRun(), "b"));
    await cell(0, 2).getByText("5.000").waitFor();
    assert.deepEqual(await page.locator(".grid-column").allTextContents(), ["value", "gradient", "∇ ÷ value"]);
    await panel.close();
    await open(answersAbout(shapesRun(), "one"));
    await cell(0, 0).getByText("2.500").waitFor();
    assert.match(await reading(), /value at \[\] 2\.5$/);
  });

  it("draws a heat map with a symmetric scale that is read with the arrow keys", async () => {
    await open(answersAbout(shapesRun(), "odd"));
    await button("Heat map").click();
    const picture = page.getByRole("application");
    await picture.focus();
    await press("ArrowRight", "ArrowRight");
    await page.locator("#picture-reading", { hasText: "[0, 2] = −3" }).waitFor();
    assert.deepEqual(await page.locator(".picture-legend .heat > span").allTextContents(), ["−3", "", "3"]);
    const colors = await page.locator("canvas").evaluate((canvas) => {
      const sheet = canvas as HTMLCanvasElement;
      const ink = sheet.getContext("2d");
      const at = (c: number, r: number) =>
        ink?.getImageData(((c + 0.5) * sheet.width) / 3, ((r + 0.25) * sheet.height) / 2, 1, 1).data.join();
      return { minus: at(2, 0), plus: at(0, 0), zero: at(1, 1) };
    });
    assert.equal(new Set(Object.values(colors)).size, 3);
    assert.equal(await figure("NaN"), "1 (17%)");
  });

  it("goes through the steps of the training, value and gradient of each", async () => {
    await open(answersAbout(stepsRun(), "w"));
    await page.locator(".step-words", { hasText: "end of the run" }).waitFor();
    await page.getByRole("slider", { name: "Time of the run" }).focus();
    await press("Home");
    await page.locator(".step-words", { hasText: "step 0 of 40" }).waitFor();
    await cell(0, 1).getByText("−2", { exact: true }).waitFor();
    await button("Gradient").click();
    await cell(0, 1).getByText("−4", { exact: true }).waitFor();
    await press("Tab");
    await button("Step after").click();
    await cell(0, 1).getByText("−3.600").waitFor();
  });

  it("says that a large tensor was sampled, at which elements, and holds only some rows in the page", async () => {
    await open(answersAbout(largeRun([2_000_000]), "big"));
    await page.getByText(/Sampled: 62,500 of 2,000,000 elements were kept/).waitFor();
    assert.equal(await page.locator(".grid-index").nth(1).textContent(), "32");
    assert.ok((await page.locator(".grid-row").count()) < 60);
    await page.getByRole("grid").focus();
    await press("Control+End");
    await page.locator(".grid-index", { hasText: "1,999,968" }).waitFor();
  });

  it("copies the slice as CSV and as JSON", async () => {
    const answers = answersAbout(shapesRun(), "odd");
    await open(answers);
    for (const format of ["CSV", "JSON"]) {
      await button("Copy").click();
      await page.getByRole("menuitem", { name: `Copy as ${format}` }).click();
      await page.getByText(`Copied 6 elements as ${format}.`).waitFor();
    }
    const [csv = "", json = ""] = answers.copied;
    assert.equal(csv, "1,NaN,-3\nInfinity,0,0.25\n");
    assert.deepEqual(JSON.parse(json).values, [
      [1, "NaN", -3],
      ["Infinity", 0, 0.25],
    ]);
  });

  it("says why there is no gradient, and that a tensor without elements has none", async () => {
    await open(answersAbout(shapesRun(), "fixed"));
    await button("Gradient ∅").click();
    await page.getByText("∅ No gradient: this tensor does not require one.").waitFor();
    await panel.close();
    await open(answersAbout(shapesRun(), "empty"));
    await page.getByText("This tensor has no elements.").waitFor();
  });

  it("shows the same tensor of the next run, looked at in the same way", async () => {
    const answers = answersAbout(shapesRun(), "w");
    const later = answersAbout(shapesRun(), "w");
    let current = answers;
    const keys: unknown[] = [];
    await open({
      ...answers,
      loadTensor: (kept, signal) => {
        keys.push(kept);
        return current.loadTensor(kept, signal);
      },
    });
    await button("Gradient").click();
    current = later;
    panel.send.tensorChanged();
    await page.waitForTimeout(300);
    assert.equal(await button("Gradient").getAttribute("aria-pressed"), "true");
    assert.deepEqual(keys, [null, { name: "w", line: 3 }]);
  });

  it("stays empty when the tensor went while its numbers were read", async () => {
    const answers = answersAbout(shapesRun(), "w");
    const asked = Promise.withResolvers<void>();
    const isRead = Promise.withResolvers<void>();
    let isThere = true;
    panel = await browser.openPanel(tensorTested, {
      ...answers,
      loadTensor: (kept, signal) =>
        isThere
          ? answers.loadTensor(kept, signal)
          : { kind: "empty", reason: "The results were cleared.", action: null, canChoose: false },
      loadSlice: async (view, signal) => {
        asked.resolve();
        await isRead.promise;
        return answers.loadSlice(view, signal);
      },
    });
    page = panel.page;
    await asked.promise;
    isThere = false;
    panel.send.tensorChanged();
    await page.getByText("The results were cleared.").waitFor();
    isRead.resolve();
    await page.waitForTimeout(300);
    assert.ok(await page.getByText("The results were cleared.").isVisible());
  });

  it("takes up what is chosen while the next run's numbers are read", async () => {
    const answers = answersAbout(shapesRun(), "w");
    let isRead = Promise.resolve();
    await open({
      ...answers,
      loadSlice: async (view, signal) => {
        await isRead;
        return answers.loadSlice(view, signal);
      },
    });
    await cell(0, 0).getByText("−1.526").waitFor();
    const reading = Promise.withResolvers<void>();
    isRead = reading.promise;
    panel.send.tensorChanged();
    await page.waitForTimeout(200);
    await button("Gradient").click();
    reading.resolve();
    await page.locator(".figures h2", { hasText: /gradient/i }).waitFor();
    await page.waitForTimeout(300);
    assert.equal(await button("Gradient").getAttribute("aria-pressed"), "true");
    assert.match(await page.locator(".figures h2").innerText(), /gradient/i);
  });

  it("stays inside when a slice with fewer rows is chosen", async () => {
    await open(answersAbout(shapesRun(), "conv"));
    const chooseRows = async (dim: RegExp): Promise<void> => {
      await page.getByRole("combobox").first().click();
      await page.getByRole("option", { name: dim }).click();
    };
    await chooseRows(/dim 0/);
    await cell(15, 0).waitFor();
    await page.getByRole("grid").focus();
    await press("Control+End");
    await page.locator(".grid-reading", { hasText: "[15, 0, 0, 4]" }).waitFor();
    await chooseRows(/dim 2/);
    await page.locator(".grid-reading", { hasText: /\[0, 0, 4, 4\] -?\d/ }).waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-activedescendant"), "cell-4-4");
  });

  it("comes back with its tensor after the window was reloaded", async () => {
    await open(answersAbout(shapesRun(), "w"));
    await button("Heat map").click();
    await page.waitForTimeout(400);
    const state = await panel.keptState();
    await panel.close();
    const asked: unknown[] = [];
    const answers = answersAbout(shapesRun(), "w");
    await open(
      {
        ...answers,
        loadTensor: (kept, signal) => {
          asked.push(kept);
          return answers.loadTensor(kept, signal);
        },
      },
      { state },
    );
    assert.deepEqual(asked, [{ name: "w", line: 3 }]);
    await page.getByRole("application").waitFor();
  });

  it("says why it is empty and lets a tensor be chosen", async () => {
    let choices = 0;
    await open({
      loadTensor: () => ({
        kind: "empty",
        reason: "The run on screen has no tensor called w9.",
        action: null,
        canChoose: true,
      }),
      chooseTensor: () => void choices++,
    });
    await page.getByText("Choose a tensor").click();
    assert.equal(choices, 1);
  });

  for (const name of ['<img src=x onerror="globalThis.wasRun = true">', "gnp.\u202Eexe", "w".repeat(4000)]) {
    it(`treats a name as text: ${JSON.stringify(name.slice(0, 24))}`, async () => {
      await open(answersAbout(hostileRun(name), name));
      assert.equal(await page.evaluate(() => (globalThis as { wasRun?: boolean }).wasRun), undefined);
      assert.equal(await page.locator("img").count(), 0);
      const shown = (await page.locator(".tensor-name").textContent()) ?? "";
      assert.ok(shown.length <= 60 && !shown.includes("\u202E"), shown);
      assert.ok(await page.evaluate(() => document.body.scrollWidth <= window.innerWidth));
    });
  }

  for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const) {
    it(`gives a screen reader nothing to complain about (${theme})`, async () => {
      await open(answersAbout(shapesRun(), "conv"), { theme });
      const source = readFileSync(new URL(import.meta.resolve("axe-core")), "utf8");
      await page.evaluate(source);
      for (const as of ["Table", "Heat map"]) {
        await button(as).click();
        await page.waitForTimeout(100);
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          };
          const result = await axe.run();
          return result.violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
          );
        });
        assert.deepEqual(violations, []);
      }
    });
  }
});

describe("rows of a long list", () => {
  it("stand where they are as long as a browser can draw them", () => {
    const scale = scaleOfRows(1000, 24, 480);
    assert.deepEqual([scale.height, scale.rowAt(240), scale.placeOf(10, 0)], [24_000, 10, 240]);
    assert.equal(scale.topOf(5, 0), null);
    assert.equal(scale.topOf(20, 0), 24);
  });

  it("are all reached where there are more of them than a browser can draw", () => {
    const rows = 50_000_000;
    const scale = scaleOfRows(rows, 24, 480);
    assert.ok(scale.height <= 8_000_000);
    assert.ok(Math.abs(scale.rowAt(scale.height - 480) - (rows - 20)) < 1e-3);
    const top = scale.topOf(rows - 1, 0) ?? assert.fail();
    assert.ok(scale.placeOf(rows - 1, top) - top <= 480 - 24 + 1e-3);
  });
});
