import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import type { TensorLineInfo } from "../../../engine/recording/queries/overview.ts";
import type { Place } from "../../../engine/recording/queries/rows.ts";
import type { OverviewEvents, OverviewReply } from "../../../webview/protocol/overview.ts";
import { type OpenOptions, type OpenPanel, PanelBrowser } from "../support/panelBrowser.ts";
import { hostile, hostileRun, nanRun, overviewOf, overviewTested, trainingRun } from "./results.ts";

describe("the run overview in a browser", () => {
  let browser: PanelBrowser;
  let panel: OpenPanel<OverviewEvents>;
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

  type HandlerSet = Partial<(typeof overviewTested)["unanswered"]>;

  async function open(reply: OverviewReply, handlers: HandlerSet = {}, options: OpenOptions = {}): Promise<void> {
    panel = await browser.openPanel(overviewTested, { loadOverview: () => reply, ...handlers }, options);
    page = panel.page;
    await page.locator(".section, .empty").first().waitFor();
  }

  const text = async (locator: Locator): Promise<string> => ((await locator.textContent()) ?? "").replace(/\s+/g, " ");
  const row = (name: string): Locator => page.locator(".tensors tbody tr", { hasText: name }).first();

  it("says in one line how the run ended, with its faults and its loss", async () => {
    await open(overviewOf(trainingRun()));
    assert.match(
      await text(page.locator(".toolbar")),
      /examples\/model\.ts.*124 ms.*ran to the end, 1 error, 1 warning · loss \d\S+ → \d\S+ in 60 steps/,
    );
  });

  describe("an alert", () => {
    it("is drawn from its origin to where it surfaced, each link leading to its line, with its fix", async () => {
      const revealed: Place[] = [];
      const fixed: Place[] = [];
      await open(overviewOf(nanRun()), {
        revealSource: (place) => void revealed.push(place),
        offerFix: (place) => void fixed.push(place),
      });
      const links = page.locator(".chain-links .link");
      assert.deepEqual(await links.locator(".pill").allTextContents(), ["log:7", "mm:8", "add:8", "pow:9", "mean:9"]);
      assert.match(await text(links.first()), /origin/);
      assert.match(await text(links.last()), /surfaced/);
      await links.last().locator(".pill").click();
      assert.match(await text(page.locator(".card-fix")), /Fix: keep its input above 0/);
      await page.getByRole("button", { name: "Quick fixes…" }).click();
      assert.deepEqual([revealed.map(({ line }) => line), fixed.map(({ line }) => line)], [[9], [7]]);
    });

    it("leads to the graph", async () => {
      const shown: Place[] = [];
      await open(overviewOf(nanRun()), { showInGraph: (place) => void shown.push(place) });
      await page.locator(".card").getByRole("button", { name: "Show in the graph" }).click();
      assert.equal(shown[0]?.line, 7);
    });

    it("that would be one of many is told on demand, and so is the middle of a long chain", async () => {
      const reply = overviewOf(nanRun());
      const [alert] = reply.alerts;
      const [link] = alert?.chain ?? [];
      assert.ok(alert && link);
      const long = { ...alert, chain: Array.from({ length: 40 }, () => link) };
      await open({ ...reply, alerts: [long, ...Array.from({ length: 100 }, () => alert)] });
      assert.equal(await page.locator(".card").count(), 6);
      assert.equal(await page.locator(".card").first().locator(".pill").count(), 6);
      await page.getByRole("button", { name: "34 more" }).click();
      assert.equal(await page.locator(".card").first().locator(".pill").count(), 40);
      await page.getByRole("button", { name: "Show all 101 alerts" }).click();
      assert.equal(await page.locator(".card").count(), 101);
    });

    it("is not missed when there is none", async () => {
      await open({ ...overviewOf(nanRun()), alerts: [] });
      await page.getByText("Nothing to report").waitFor();
    });
  });

  describe("the table of tensors", () => {
    it("has name, line, shape, kind, what it asks for, state and reason, norm and histogram of each", async () => {
      await open(overviewOf(trainingRun()));
      assert.match(await text(row("net.0.weight")), /net\.0\.weight.*5\[16, 8\]leaf param.*yes.*gradient.*0\.07759/);
      assert.match(await text(row("embedding.weight")), /leaf frozen.*no.*not asked for.*∅/);
      assert.match(await text(row("unused")), /leaf.*yes.*∅ none.*no backward reached it/);
      assert.match(await text(row("head.bias")), /no optimizer holds it/);
      assert.match(await text(row("hidden")), /non-leaf.*not kept/);
      assert.equal(await row("net.0.weight").locator(".outline rect").count(), 16);
      const colors = await page
        .locator(".heat-swatch")
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
      assert.ok(new Set(colors).size > 3, "gradients of several sizes have colours of their own");
    });

    it("is filtered by state and by name, and sorted by any column", async () => {
      await open(overviewOf(trainingRun()));
      const names = () => page.locator(".tensor-name").allTextContents();
      await page.getByRole("button", { name: /^Frozen 2/ }).click();
      assert.deepEqual(await names(), ["embedding.weight", "embedding.bias"]);
      await page.getByRole("button", { name: /^Needs a look 1/ }).click();
      assert.deepEqual(await names(), ["unused"]);
      await page.getByRole("button", { name: /^Gradient 8/ }).click();
      await page.getByRole("button", { name: "‖∇‖" }).click();
      assert.deepEqual((await names()).slice(0, 2), ["head.bias", "head.weight"]);
      assert.equal(await page.locator("th", { hasText: "‖∇‖" }).getAttribute("aria-sort"), "descending");
      await page.locator(".filters input").fill("bias");
      await page.waitForFunction(() => document.querySelectorAll(".tensor-name").length === 4);
    });

    it("is sorted with the keyboard, too", async () => {
      const revealed: Place[] = [];
      await open(overviewOf(trainingRun()), { revealSource: (place) => void revealed.push(place) });
      await page.getByRole("grid").focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      const line = page.locator("th", { hasText: "line" });
      assert.equal(await line.getAttribute("aria-sort"), "ascending");
      await page.keyboard.press("Space");
      assert.equal(await line.getAttribute("aria-sort"), "descending");
      assert.deepEqual(revealed, []);
    });

    it("is walked through with the keyboard, to the line, the viewer and the graph", async () => {
      const led: unknown[] = [];
      await open(overviewOf(trainingRun()), {
        revealSource: ({ line }) => void led.push(["line", line]),
        viewTensor: () => void led.push("viewer"),
        showInGraph: ({ line }) => void led.push(["graph", line]),
      });
      await page.getByRole("grid").focus();
      for (const key of ["End", "Home", "ArrowDown", "PageDown", "Home", "Enter", "v", "g"])
        await page.keyboard.press(key);
      await page.waitForFunction(
        () => document.querySelector("tr.active .tensor-name")?.textContent === "net.0.weight",
      );
      assert.deepEqual(led, [["line", 5], "viewer", ["graph", 5]]);
      const active = await page.getByRole("grid").getAttribute("aria-activedescendant");
      assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
      assert.match(await text(page.locator(".only-spoken[aria-live]")), /net\.0\.weight; line 5; shape \[16, 8\]/);
    });

    it("holds 20,000 tensors and only the rows in sight in the page, wherever it is scrolled to", async () => {
      const reply = overviewOf(trainingRun(2));
      const [first] = reply.tensors;
      assert.ok(first);
      const tensors = Array.from({ length: 20_000 }, (_, id): TensorLineInfo => ({ ...first, id, name: `w${id}` }));
      await open({ ...reply, tensors, tensorCount: 50_000 });
      assert.match(await text(page.locator(".section").last().locator("h2")), /first 20,000 of 50,000/);
      assert.ok((await page.locator(".tensors tbody tr").count()) < 100);
      await page.getByRole("grid").focus();
      await page.keyboard.press("End");
      await page.getByText("w19999", { exact: true }).waitFor();
      assert.ok((await page.locator(".tensors tbody tr").count()) < 100);
      assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "20001");
    });

    it("marks the tensors of the line that the editor's cursor is in", async () => {
      const reply = overviewOf(trainingRun(2));
      await open(reply);
      panel.send.cursorMoved(reply.tensors[0]?.place?.file ?? "", 7);
      await page.waitForFunction(() => document.querySelectorAll("tr.at-cursor").length === 2);
    });
  });

  it("reads loss and gradient norm of a step with the arrow keys", async () => {
    await open(overviewOf(trainingRun()));
    const chart = page.getByRole("slider", { name: "Loss and gradient norm by step" });
    await chart.focus();
    for (const key of ["Home", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    assert.match((await chart.getAttribute("aria-valuetext")) ?? "", /^step 2, loss 1\.\d+, gradient norm /);
    assert.match(await text(page.locator(".reading")), /^step 2/);
  });

  it("lists gradchecks with what is wrong, and leads to their panel", async () => {
    const shown: number[] = [];
    await open(overviewOf(trainingRun(2)), { showGradcheck: (index) => void shown.push(index) });
    const checks = page.locator(".gradchecks li");
    assert.match(await text(checks.first()), /gradcheck f.*model\.ts:20/);
    assert.match(await text(checks.last()), /model\.ts:21.*analytical 0\.7/);
    await checks.last().getByRole("button").first().click();
    assert.deepEqual(shown, [1]);
  });

  it("keeps what is on screen while the next run goes on, and stops that on demand", async () => {
    let stops = 0;
    await open(overviewOf(nanRun()), { stopRun: () => void stops++ });
    panel.send.runningChanged({ file: "examples/model.ts", startedAt: 0, ops: 1200 });
    await page.getByText("1,200 events so far").waitFor();
    assert.equal(await page.locator(".card").count(), 1);
    await page.getByText("Stop", { exact: true }).click();
    panel.send.runningChanged(null);
    await page.locator(".strip").waitFor({ state: "detached" });
    assert.equal(stops, 1);
  });

  it("keeps the last good run when the next one fails, and says so", async () => {
    let asked = 0;
    const replies = [overviewOf(nanRun()), overviewOf(nanRun(), { failure: "TypeError: no" })];
    await open(
      { kind: "empty", reason: "", action: null, running: null },
      { loadOverview: () => replies[asked++] ?? assert.fail() },
    );
    panel.send.overviewChanged();
    await page.getByText("The last run failed: TypeError: no").waitFor();
    assert.equal(await page.locator(".card").count(), 1);
  });

  it("comes back as it was left after the window was reloaded", async () => {
    const reply = overviewOf(trainingRun(2));
    await open(reply);
    await page.getByRole("button", { name: /^Frozen/ }).click();
    await page.getByRole("button", { name: /^Time and memory/i }).click();
    await page.waitForTimeout(400);
    const state = await panel.keptState();
    await panel.close();
    await open(reply, {}, { state });
    assert.equal(await page.getByRole("button", { name: /^Frozen/ }).getAttribute("aria-pressed"), "true");
    assert.equal(await page.locator(".time-bar").count(), 0);
  });

  it("says why it is empty, and its one button fills it", async () => {
    let runs = 0;
    const empty = { kind: "empty", reason: "No run is open.", action: "Run mlp.ts", running: null } as const;
    await open(empty, { runModel: () => void runs++ });
    await page.getByText("Run mlp.ts").click();
    await page.waitForFunction(() => true);
    assert.equal(runs, 1);
  });

  it("treats every name and message as text, however hostile", async () => {
    await open(overviewOf(hostileRun()));
    assert.equal(await page.evaluate(() => (globalThis as { wasRun?: boolean }).wasRun), undefined);
    assert.equal(await page.locator("img").count(), 0);
    const names = await page.locator(".tensor-name").allTextContents();
    assert.equal(names[0], hostile.markup);
    assert.doesNotMatch(names.join(""), /\p{Cc}|\p{Cf}/u);
    assert.ok(names.every((name) => name.length <= 80));
    assert.ok(await page.evaluate(() => document.body.scrollWidth <= window.innerWidth));
  });

  for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const) {
    it(`gives a screen reader nothing to complain about (${theme})`, async () => {
      await open(overviewOf(trainingRun(20)), {}, { theme });
      await page.evaluate(readFileSync(new URL(import.meta.resolve("axe-core")), "utf8"));
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
    });
  }

  it("fits beside an editor: nothing is cut off at 420 pixels", async () => {
    await open(overviewOf(trainingRun(3)), {}, { width: 420 });
    const widest = await page.evaluate(() => {
      const all = [...document.querySelectorAll(".scroller *:not(td *)")];
      const widths = all.map((one) => ({ right: one.getBoundingClientRect().right, what: one.className }));
      return widths.filter(({ right }) => right > window.innerWidth + 1).map(({ what }) => String(what));
    });
    assert.deepEqual(widest, []);
  });

  it("tells in any width what became of a gradient", async () => {
    for (const width of [900, 831, 720, 661, 600, 521, 460, 381, 320]) {
      await panel?.close();
      await open(overviewOf(nanRun()), {}, { width });
      const cut = await page
        .locator(".col-status")
        .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
      assert.equal(cut, 0, `${cut} are cut off at ${width} pixels`);
    }
  });
});
