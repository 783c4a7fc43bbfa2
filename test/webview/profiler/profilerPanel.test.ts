import assert from "node:assert/strict";
import type { ProfileFormat, ProfilerEvents } from "../../../webview/protocol/profiler.ts";
import type { SourcePlace } from "../../../webview/protocol/timeline.ts";
import { accessibilityFaults } from "../support/accessibility.ts";
import { type OpenOptions, type OpenPanel, PanelBrowser } from "../support/panelBrowser.ts";
import { opRows, type ProfilerHandlers, ProfilerPage, profilerTested, shownProfile } from "./profilerPage.ts";
import { syntheticTimeline } from "./syntheticTimeline.ts";

const tabs = [
  "Timeline",
  "Left-heavy",
  "Sandwich",
  "Ops",
  "Modules",
  "Lines",
  "Memory",
  "Kept for backward",
  "Compare",
];

describe("the profiler panel in a browser", () => {
  const timeline = syntheticTimeline(300);
  /** A forward op, and the backward node that belongs to it. */
  const backward = timeline.link.findIndex((span) => span >= 0);
  const forward = timeline.link[backward] ?? -1;
  let browser: PanelBrowser;
  let panel: OpenPanel<ProfilerEvents>;

  before(async () => {
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  afterEach(async () => {
    const { complaints } = panel;
    await panel.close();
    assert.deepEqual(complaints, [], "the page broke its security policy or threw");
  });

  async function open(handlers: Partial<ProfilerHandlers> = {}, options: OpenOptions = {}): Promise<ProfilerPage> {
    panel = await browser.openPanel(profilerTested(timeline), handlers, options);
    const page = new ProfilerPage(panel.page);
    if (!handlers.loadProfile && !options.state) await page.drawn();
    return page;
  }

  describe("the flame chart", () => {
    it("shows the line of the span that is clicked, and what it is at the side", async () => {
      const revealed: SourcePlace[] = [];
      const page = await open({ revealSource: (place) => void revealed.push(place) });
      await page.canvas.focus().catch(() => {});
      await page.page.locator(".flame").focus();
      await page.press("Space");
      await page.page.evaluate(() => {});
      const place = await page.place(forward);
      await page.canvas.dblclick({ position: { x: place.x + place.width / 2, y: place.y + place.height / 2 } });
      await page.settled();
      await page.click(forward);
      await page.page.locator(".details h2").waitFor();
      const details = (await page.page.locator(".details").textContent()) ?? "";
      for (const part of ["forward op", "model.ts:", "Its backward", "All of this name"])
        assert.ok(details.includes(part), part);
      assert.deepEqual(revealed.at(-1), timeline.places[timeline.place[forward] ?? -1]);
    });

    it("zooms with the wheel around the time it points at", async () => {
      const page = await open();
      const before = await page.place(0);
      const { x: left, y: top, width } = (await page.canvas.boundingBox()) ?? assert.fail();
      await page.page.mouse.move(left + width / 2, top + 100);
      await page.page.mouse.wheel(0, -400);
      await page.settled();
      const after = await page.place(0);
      const middle = (place: { x: number; width: number }): number => (width / 2 - place.x) / place.width;
      assert.ok(after.width > before.width * 1.5);
      assert.ok(Math.abs(middle(after) - middle(before)) < 0.01);
    });

    it("moves when it is dragged, and does not select then", async () => {
      let revealed = 0;
      const page = await open({ revealSource: () => void revealed++ });
      await page.page.locator(".flame").focus();
      await page.press("+", "+", "+");
      const before = await page.place(0);
      const { x: left, y: top } = (await page.canvas.boundingBox()) ?? assert.fail();
      await page.page.mouse.move(left + 300, top + 60);
      await page.page.mouse.down();
      await page.page.mouse.move(left + 200, top + 60, { steps: 4 });
      await page.page.mouse.up();
      await page.settled();
      assert.ok(Math.abs((await page.place(0)).x - before.x + 100) < 1);
      assert.equal(revealed, 0);
    });

    it("is walked through with the keyboard, and says where one is", async () => {
      const page = await open();
      await page.page.locator(".flame").focus();
      await page.press("Space");
      assert.match(await page.spoken(), /^trainingStep; scope, .* ms/);
      await page.press("ArrowDown");
      assert.match(await page.spoken(), /^net \(Sequential\); module/);
      await page.press("ArrowDown", "ArrowRight");
      assert.match(await page.spoken(), /^net\.1 \(ReLU\); module/);
      await page.press("ArrowUp", "ArrowUp", "Escape");
      assert.equal(await page.page.locator(".details h2").textContent(), "Nothing selected");
    });

    it("follows the arrow from a backward node to its forward op and back", async () => {
      const page = await open();
      await page.page.locator(".flame").focus();
      await page.search("Backward0");
      await page.button("Next match").click();
      assert.match(await page.spoken(), /Backward0; backward node/);
      const before = await panel.page.locator(".details h2").textContent();
      await page.page.locator(".flame").focus();
      await page.press("l");
      assert.match(await page.spoken(), /; forward op/);
      await page.press("l");
      assert.match(await page.spoken(), /; backward node/);
      assert.equal(await panel.page.locator(".details h2").textContent(), before);
    });

    it("counts what a search finds, and lets it stand out", async () => {
      const page = await open();
      const before = await page.canvas.screenshot();
      await page.search("matmul");
      await page.settled();
      const wanted = timeline.names.indexOf("matmul");
      assert.equal(
        await panel.page.locator(".search-count").textContent(),
        String(timeline.name.filter((n) => n === wanted).length),
      );
      assert.ok(!(await page.canvas.screenshot()).equals(before));
    });

    it("goes where its overview is pressed", async () => {
      const page = await open();
      await page.page.locator(".flame").focus();
      await page.press("+", "+", "+", "+");
      const last = timeline.lane.lastIndexOf(0);
      const far = await page.place(last);
      const { x, y, width } = (await panel.page.locator(".overview").boundingBox()) ?? assert.fail();
      assert.ok(far.x > width);
      await panel.page.mouse.click(x + width - 3, y + 5);
      await page.settled();
      assert.ok((await page.place(last)).x < width);
    });

    it("is a table, too, for those who do not see it", async () => {
      const page = await open();
      await page.button("Show as table").click();
      const table = panel.page.getByRole("table", { name: "Spans of the timeline" });
      assert.equal(await table.getAttribute("aria-rowcount"), String(timeline.count + 1));
      await table.getByRole("button", { name: "trainingStep" }).first().click();
      assert.equal(await panel.page.locator(".details h2").textContent(), "trainingStep");
    });
  });

  describe("the views", () => {
    it("are all there, without a fault in accessibility, in every theme", async () => {
      for (const theme of ["dark", "light", "highContrast"] as const) {
        if (theme !== "dark") await panel.close();
        const page = await open(
          { loadProfile: () => ({ ...shownProfile, others: [{ id: 1, label: "14:01:10" }] }) },
          { theme },
        );
        await page.drawn();
        for (const tab of tabs) {
          await page.tab(tab);
          await panel.page.waitForTimeout(60);
          assert.deepEqual(await accessibilityFaults(panel.page), [], `${theme} ${tab}`);
        }
      }
    }).timeout(120_000);

    it("are reached with the arrow keys", async () => {
      const page = await open();
      await panel.page.getByRole("tab", { name: "Timeline", selected: true }).focus();
      for (const next of ["Left-heavy", "Sandwich", "Ops"]) {
        await page.press("ArrowRight");
        await panel.page.getByRole("tab", { name: next, selected: true }).waitFor();
      }
      await panel.page.getByRole("table", { name: "Ops" }).waitFor();
    });

    it("sort ops by any column and find them by name", async () => {
      const page = await open();
      await page.tab("Ops");
      const first = () => panel.page.locator("tbody tr[data-at='0'] td").first().textContent();
      assert.equal(await first(), "matmul");
      await page.button("self ▾").click();
      assert.equal(await first(), "MmBackward0 39");
      await page.button("calls").click();
      assert.equal(await panel.page.locator("th[aria-sort='descending']").textContent(), "calls ▾");
      await page.search("relu");
      await page.settled();
      assert.equal(await panel.page.getByText("10 rows").count(), 1);
    });

    it("are walked with the arrow keys from the row that has the focus", async () => {
      const page = await open();
      await page.tab("Ops");
      const row = (at: number) => panel.page.locator(`tr[data-at="${at}"] .cell-button`);
      const hasFocus = (at: number) =>
        panel.page.waitForFunction(
          (wanted) => document.activeElement?.closest("tr")?.dataset["at"] === wanted,
          String(at),
          { timeout: 5000 },
        );
      await row(3).focus();
      await page.press("ArrowDown");
      await hasFocus(4);
      await row(5).click();
      await page.press("ArrowUp");
      await hasFocus(4);
      await page.press("End");
      await hasFocus(39);
    });

    it("keep a hundred thousand ops out of the page but for those in sight, and scroll to the last", async () => {
      const page = await open({ loadOps: () => opRows(100_000) });
      await page.tab("Ops");
      const table = panel.page.getByRole("table", { name: "Ops" });
      await table.waitFor();
      assert.equal(await table.getAttribute("aria-rowcount"), "100001");
      assert.ok((await table.locator("tr").count()) < 100);
      await panel.page.locator(".table-holder").evaluate((holder) => holder.scrollTo(0, holder.scrollHeight));
      await panel.page.locator("tr[data-at='99999']").waitFor();
    });

    it("ask again when ops are grouped otherwise", async () => {
      const asked: unknown[] = [];
      const page = await open({
        loadOps: (grouping) => {
          asked.push(grouping);
          return opRows(8, grouping.byShape);
        },
      });
      await page.tab("Ops");
      await panel.page.getByText("by shape").click();
      await panel.page.getByText("[64, 784] [784, 256]").first().waitFor();
      assert.deepEqual(asked.at(-1), { byShape: true, bySite: false, byModule: false });
    });

    it("fold modules", async () => {
      const page = await open();
      await page.tab("Modules");
      const table = panel.page.getByRole("table", { name: "Modules" });
      assert.equal(await table.getAttribute("aria-rowcount"), "5");
      await page.button("Fold").click();
      assert.equal(await table.getAttribute("aria-rowcount"), "2");
    });

    it("show who called a name and what it called", async () => {
      const page = await open();
      await page.tab("Sandwich");
      await panel.page.getByRole("button", { name: "net (Sequential)" }).click();
      await panel.page.getByText("Who called net (Sequential)").waitFor();
      await panel.page.getByText("What net (Sequential) called").waitFor();
    });

    it("say what went wrong and try again", async () => {
      let calls = 0;
      const page = await open({
        loadOps: () => {
          if (calls++ === 0) throw new Error("The recording is damaged.");
          return opRows(40);
        },
      });
      await page.tab("Ops");
      await panel.page.getByText("The recording is damaged.").waitFor();
      await page.button("Try again").click();
      await panel.page.getByRole("table", { name: "Ops" }).waitFor();
      assert.equal(calls, 2);
    });

    it("compare with another run", async () => {
      const asked: number[] = [];
      const { unanswered } = profilerTested(timeline);
      const page = await open({
        loadProfile: () => ({
          ...shownProfile,
          others: [...[1, 2, 3, 4].map((id) => ({ id, label: `13:0${id}` })), { id: 7, label: "14:02" }],
        }),
        loadComparison: (other, signal) => {
          asked.push(other);
          return unanswered.loadComparison(other, signal);
        },
      });
      await page.drawn();
      await page.tab("Compare");
      await panel.page.getByText("▲ slower").waitFor();
      await panel.page.getByText(/The numbers part at relu/).waitFor();
      assert.deepEqual(asked, [7], "the latest one first");
      await panel.page.getByRole("combobox", { name: "Compared with" }).click();
      for (const id of [1, 2, 3, 4]) {
        // Nothing that stands below the list covers it.
        await panel.page.getByRole("option", { name: `13:0${id}` }).click({ trial: true, timeout: 5000 });
      }
      await panel.page.getByRole("option", { name: "13:03" }).click();
      await panel.page.getByText("▲ slower").waitFor();
      assert.deepEqual(asked, [7, 3]);
    });
  });

  it("compares with a saved recording, and stays with what there is when none is chosen", async () => {
    let saved: { id: number; label: string } | null = null;
    const asked: number[] = [];
    const { unanswered } = profilerTested(timeline);
    const page = await open({
      chooseOther: () => saved,
      loadComparison: (other, signal) => {
        asked.push(other);
        return unanswered.loadComparison(other, signal);
      },
    });
    await page.tab("Compare");
    await panel.page.getByText("Compare with a saved recording").click();
    await page.settled();
    assert.equal(await panel.page.getByText("There is no other run").count(), 1);
    saved = { id: 12, label: "before.gradlens, 1.2 s" };
    await panel.page.getByText("Compare with a saved recording").click();
    await panel.page.getByRole("table", { name: "What changed" }).waitFor();
    const choice = panel.page.getByRole("combobox", { name: "Compared with" });
    assert.match((await choice.textContent()) ?? "", /before\.gradlens, 1\.2 s/);
    assert.deepEqual(asked, [12]);
  });

  describe("the export", () => {
    it("is a menu that asks where the file goes, and says what was saved", async () => {
      const asked: ProfileFormat[] = [];
      const page = await open({
        exportProfile: (format) => {
          asked.push(format);
          return format === "csv" ? "mlp.csv" : null;
        },
      });
      for (const label of [
        "Trace, for Perfetto",
        "Profile, for speedscope",
        "HTML, a report",
        "CSV, the table of ops",
      ]) {
        await page.button("Export").click();
        await panel.page.getByRole("menuitem", { name: label }).click();
      }
      await panel.page.getByText("Saved mlp.csv").waitFor();
      assert.deepEqual(asked, ["trace", "speedscope", "report", "csv"]);
    });

    it("says why a file could not be written", async () => {
      const page = await open({
        exportProfile: () => {
          throw new Error("The disk is full.");
        },
      });
      await page.button("Export").focus();
      await page.press("Enter");
      await panel.page.locator("[role=menuitem]:focus").waitFor();
      await page.press("ArrowDown", "Enter");
      await panel.page.getByText("The disk is full.").waitFor();
    });

    it("offers no report of a trace", async () => {
      const page = await open({ loadProfile: () => ({ ...shownProfile, source: "trace" }) });
      await page.drawn();
      await page.button("Export").click();
      assert.equal(await panel.page.getByRole("menuitem").count(), 3);
    });
  });

  describe("a selection", () => {
    it("made in the editor is selected here", async () => {
      const page = await open();
      await page.tab("Lines");
      await panel.page.getByRole("table", { name: "Lines" }).waitFor();
      panel.send.cursorMoved("/work/model.ts", 12);
      await panel.page.locator("tr.selected", { hasText: "model.ts:12" }).waitFor();
      panel.send.cursorMoved("/work/model.ts", 999);
      await panel.page.waitForFunction(() => !document.querySelector("tr.selected"));
    });

    it("made in a table is shown in the editor, and stands out in the chart", async () => {
      const revealed: SourcePlace[] = [];
      const page = await open({ revealSource: (place) => void revealed.push(place) });
      const before = await page.canvas.screenshot();
      await page.tab("Lines");
      await page.button("model.ts:12").click();
      assert.deepEqual(revealed, [{ file: "/work/model.ts", line: 12, column: 1 }]);
      await page.tab("Timeline");
      await page.drawn();
      assert.ok(!(await page.canvas.screenshot()).equals(before));
    });

    it("can be shown in the graph", async () => {
      const shown: SourcePlace[] = [];
      const page = await open({ showInGraph: (place) => void shown.push(place) });
      await page.tab("Lines");
      await page.button("model.ts:12").click();
      await panel.page.getByText("Show in graph").click();
      assert.deepEqual(shown, [{ file: "/work/model.ts", line: 12, column: 1 }]);
    });
  });

  describe("what is kept", () => {
    it("is the view and where one was in it", async () => {
      const page = await open();
      await page.page.locator(".flame").focus();
      await page.press("+", "+", "+");
      const place = await page.place(3);
      await panel.page.waitForFunction(() => (globalThis as unknown as { keptState: unknown }).keptState !== null);
      await panel.page.waitForTimeout(400);
      const state = await panel.keptState();
      await panel.close();
      const again = await open({}, { state });
      await again.drawn();
      const restored = await again.place(3);
      assert.ok(Math.abs(restored.x - place.x) < 2 && Math.abs(restored.width - place.width) < 2);
    });
  });

  describe("when something is missing", () => {
    it("says why there is nothing, and offers the one thing to do", async () => {
      let asked = 0;
      await open({
        loadProfile: () => ({
          kind: "empty",
          reason: "No run is open.",
          action: "Profile mlp.ts",
          isTrace: false,
        }),
        profileModel: () => void asked++,
      });
      await panel.page.getByText("No run is open.").waitFor();
      await panel.page.getByText("Profile mlp.ts").click();
      assert.equal(asked, 1);
    });

    it("says what is wrong with a trace, shows what there is, and leads back to the run", async () => {
      let closed = 0;
      const page = await open({
        loadProfile: () => ({
          ...shownProfile,
          source: "trace",
          warning: "The trace is cut off: what comes before the cut is shown.",
        }),
        closeTrace: () => void closed++,
      });
      await page.drawn();
      await panel.page.getByText("The trace is cut off").waitFor();
      assert.equal(await panel.page.getByRole("tab").count(), 4, "a trace has no lines and no memory");
      await page.button("Back to the run").click();
      assert.equal(closed, 1);
    });

    it("shows a failure where its view would be", async () => {
      const page = await open({
        loadMemory: () => {
          throw new Error("The recording holds no tensors.");
        },
      });
      await page.tab("Memory");
      await panel.page.getByText("The recording holds no tensors.").waitFor();
    });

    it("draws a timeline without spans, and one with hostile names", async () => {
      const hostile = {
        ...timeline,
        names: timeline.names.map((_, i) =>
          i % 2 === 0 ? "<img src=x onerror=alert(1)>\u202Eevil" : "n".repeat(100_000),
        ),
      };
      const page = await open({ loadTimeline: () => hostile });
      await page.tab("Sandwich");
      assert.equal(await panel.page.locator("img").count(), 0);
      await panel.close();
      const none = syntheticTimeline(0);
      await open({ loadTimeline: () => none });
    });
  });
});
