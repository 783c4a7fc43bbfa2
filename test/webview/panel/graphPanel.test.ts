import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { GraphSite } from "../../../engine/recording/queries/graphTypes.ts";
import type { GraphCanvas } from "../../../webview/graph/canvasPainter.ts";
import type { GraphReply } from "../../../webview/protocol/graph.ts";
import {
  chainRuleExample,
  detachedParts,
  hostileNames,
  longChain,
  mlp,
  nanPath,
  transformer,
  twoPathsExample,
} from "../graphs/examples.ts";
import { GraphBuilder, scalarStats } from "../graphs/graphBuilder.ts";
import { GraphPage, shown } from "../support/graphPage.ts";
import { type OpenOptions, type OpenPanel, PanelBrowser } from "../support/panelBrowser.ts";

describe("the graph panel in a browser", () => {
  let browser: PanelBrowser;
  let panel: OpenPanel;

  before(async () => {
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  afterEach(async () => {
    const { complaints } = panel;
    await panel.close();
    assert.deepEqual(complaints, [], "the page broke its security policy or threw");
  });

  type HandlerSet = Parameters<PanelBrowser["open"]>[0];

  async function open(reply: GraphReply, handlers: HandlerSet = {}, options: OpenOptions = {}): Promise<GraphPage> {
    panel = await browser.open({ loadGraph: () => reply, ...handlers }, options);
    const page = new GraphPage(panel.page);
    if (reply.kind === "graph") await page.drawn();
    return page;
  }

  describe("drawing", () => {
    it("draws every node and edge of a small graph and says what run it is", async () => {
      const page = await open(shown(chainRuleExample()));
      assert.equal(await page.data("boxes"), "5");
      assert.equal(await page.data("edges"), "4");
      assert.deepEqual(
        (await page.boxes()).map((box) => box.title),
        ["x", "× 2", "+ 5", "^2", "y"],
      );
      assert.match((await page.page.locator(".run").textContent()) ?? "", /examples\/model\.ts.*12\.4 ms/);
    });

    it("keeps every box of a small graph on the screen", async () => {
      const page = await open(shown(chainRuleExample()));
      const { width, height } = (await page.canvas.boundingBox()) ?? assert.fail();
      for (const box of await page.boxes()) {
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= height, box.title);
      }
    });

    it("shows equal blocks as one box with their number", async () => {
      const page = await open(shown(transformer(12)));
      const block = await page.box("h.0–11");
      assert.equal(block.kind, "group");
    });

    it("draws in the page itself when there is no worker", async () => {
      const page = await open(shown(longChain(600)), {}, { hasWorker: false });
      assert.equal(await page.data("nodes"), await page.data("boxes"));
      panel.complaints.splice(0, panel.complaints.length, ...panel.complaints.filter((one) => !one.includes("404")));
    });

    it("stays alive while it draws 10,000 ops", async () => {
      panel = await browser.open({ loadGraph: () => shown(longChain(10_000)) });
      const longest = panel.page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let last = performance.now();
            let gap = 0;
            const timer = setInterval(() => {
              const now = performance.now();
              gap = Math.max(gap, now - last);
              last = now;
              if (!document.querySelector(".graph canvas[data-boxes]")) return;
              clearInterval(timer);
              resolve(gap);
            }, 10);
          }),
      );
      assert.ok((await longest) < 2500, `the page stood still for ${Math.round(await longest)} ms`);
    });

    it("drops shapes, names and pills step by step on the way out, and gets them back", async () => {
      const page = await open(shown(transformer(12)));
      await page.button("Unfold all modules").click();
      await page.page.waitForFunction(() => Number(document.querySelector("canvas")?.dataset["boxes"]) > 500);
      await page.focusGraph();
      const levels = new Set<string | null>();
      for (let i = 0; i < 10; i++) {
        await page.press("-");
        await page.settled();
        levels.add(await page.data("detail"));
      }
      assert.deepEqual([...levels], ["1", "2", "3", "4"].slice(-levels.size));
      for (let i = 0; i < 12; i++) {
        await page.press("+");
        await page.settled();
      }
      assert.equal(await page.data("detail"), "0");
    }).timeout(30_000);
  });

  describe("the pointer", () => {
    it("shows the source line of the node that is clicked", async () => {
      const revealed: GraphSite[] = [];
      const graph = chainRuleExample();
      const page = await open(shown(graph), { revealSource: (site) => void revealed.push(site) });
      await page.click("+ 5");
      await page.page.waitForFunction(() => document.querySelector(".details h2")?.textContent === "+ 5");
      assert.deepEqual(revealed, [graph.nodes[2]?.site]);
    });

    it("shows value, gradient and the reason for a missing one at the side", async () => {
      const page = await open(shown(detachedParts()));
      await page.click("w2");
      const details = (await page.page.locator(".details").textContent()) ?? "";
      for (const part of ["parameter (leaf)", "[4, 1]", "∅ none", "cut by detach()", "norm"])
        assert.ok(details.includes(part), part);
      await page.click("loss");
      assert.match((await page.page.locator(".values").first().textContent()) ?? "", /0\.7312/);
    });

    it("moves the drawing when it is dragged, and does not click then", async () => {
      let revealed = 0;
      const page = await open(shown(chainRuleExample()), { revealSource: () => void revealed++ });
      const before = await page.box("x");
      const { x: left, y: top } = (await page.canvas.boundingBox()) ?? assert.fail();
      await page.page.mouse.move(left + before.x + 10, top + before.y + 10);
      await page.page.mouse.down();
      await page.page.mouse.move(left + before.x + 110, top + before.y + 60, { steps: 4 });
      await page.page.mouse.up();
      const after = await page.box("x");
      assert.deepEqual([Math.round(after.x - before.x), Math.round(after.y - before.y)], [100, 50]);
      assert.equal(revealed, 0);
    });

    it("zooms with the wheel around the place it points at", async () => {
      const page = await open(shown(chainRuleExample()));
      const before = await page.box("x");
      const { x: left, y: top } = (await page.canvas.boundingBox()) ?? assert.fail();
      await page.page.mouse.move(left + before.x, top + before.y);
      await page.page.mouse.wheel(0, 300);
      await page.settled();
      const after = await page.box("x");
      assert.ok(after.width < before.width);
      assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 1.5);
    });

    it("folds a module by its title and unfolds it by its triangle, in place", async () => {
      const page = await open(shown(mlp()));
      const weight = await page.box("weight");
      const { x: left, y: top } = (await page.canvas.boundingBox()) ?? assert.fail();
      // The title stands in the band above the frame's first box.
      await page.page.mouse.click(left + weight.x - 40, top + weight.y - 27);
      await page.drawn(18);
      const folded = await page.box("fc1");
      assert.equal(folded.kind, "group");
      await page.canvas.click({ position: { x: folded.x + 8, y: folded.y + folded.height / 2 } });
      await page.drawn(22);
    });

    it("folds while a graph is still being laid out, and draws that one folded", async () => {
      const page = await open(shown(mlp()));
      panel.send.graphChanged();
      await page.button("Fold all modules").click();
      await page.drawn(10);
      await page.button("Unfold all modules").click();
      await page.button("Fold all modules").click();
      await page.settled();
      assert.equal(await page.data("boxes"), "10");
      assert.equal((await page.box("fc1")).kind, "group");
    });

    it("tells what is under the pointer after a moment", async () => {
      const page = await open(shown(mlp()));
      const { x, y } = await page.box("relu");
      await page.canvas.hover({ position: { x: x + 10, y: y + 10 } });
      await page.page.locator(".tip").waitFor({ state: "visible" });
      assert.match((await page.page.locator(".tip").textContent()) ?? "", /relu, op.*\[64, 256\]/);
    });
  });

  describe("the keyboard", () => {
    it("walks along edges, says where it is, and shows the source", async () => {
      const revealed: GraphSite[] = [];
      const page = await open(shown(chainRuleExample()), { revealSource: (site) => void revealed.push(site) });
      await page.focusGraph();
      await page.press("Space");
      assert.match(await page.spoken(), /^x, leaf; shape \[\]; value 3; gradient 44/);
      await page.press("ArrowDown", "ArrowDown");
      assert.match(await page.spoken(), /^\+ 5, op/);
      await page.press("ArrowUp");
      assert.match(await page.spoken(), /^× 2, op/);
      await page.press("Enter");
      await page.settled();
      assert.equal(revealed[0]?.line, 3);
    });

    it("leaves the graph with Tab after the last node", async () => {
      const page = await open(shown(chainRuleExample()));
      await page.focusGraph();
      await page.press("Enter");
      for (let i = 0; i < 4; i++) await page.press("Tab");
      assert.match(await page.spoken(), /^y, /);
      assert.equal(await hasFocus(page), true);
      await page.press("Tab");
      assert.equal(await hasFocus(page), false);
    });

    it("leaves the graph with Tab and Shift+Tab while nothing is selected, also after Escape", async () => {
      const page = await open(shown(chainRuleExample()));
      for (const key of ["Tab", "Shift+Tab"]) {
        for (const selecting of [[], ["Space", "Tab", "Escape"]]) {
          await page.focusGraph();
          await page.press(...selecting, key);
          assert.equal(await hasFocus(page), false, [...selecting, key].join(", "));
        }
      }
    });

    const hasFocus = (page: GraphPage): Promise<boolean> =>
      page.page.evaluate(() => document.activeElement?.classList.contains("graph") ?? false);

    it("folds and unfolds the module around the selection with Space", async () => {
      const page = await open(shown(mlp()));
      await page.focusGraph();
      await page.press("Space", "ArrowDown", "Space");
      await page.drawn(18);
      await page.click("fc1");
      await page.focusGraph();
      await page.press("Space");
      await page.drawn(22);
    });

    it("pans with Shift and the arrows, fits with F", async () => {
      const page = await open(shown(chainRuleExample()));
      const start = await page.box("x");
      await page.focusGraph();
      await page.press("Shift+ArrowRight", "Shift+ArrowDown");
      const moved = await page.box("x");
      assert.deepEqual([Math.round(moved.x - start.x), Math.round(moved.y - start.y)], [-80, -80]);
      await page.press("f");
      await page.settled();
      const back = await page.box("x");
      assert.ok(Math.abs(back.x - start.x) < 1 && Math.abs(back.y - start.y) < 1);
    });

    it("has a table with the same nodes, which sorts and leads to the source", async () => {
      const revealed: GraphSite[] = [];
      const page = await open(shown(mlp()), { revealSource: (site) => void revealed.push(site) });
      await page.button("Show as table").click();
      const rows = page.page.locator("tbody tr");
      assert.equal(await rows.count(), 22);
      await page.page.getByRole("button", { name: "‖∇‖" }).click();
      assert.equal(await page.page.locator('th[aria-sort="descending"]').count(), 1);
      assert.match((await rows.first().textContent()) ?? "", /^weight.*44\.80/);
      await rows.first().getByRole("button").click();
      await page.settled();
      assert.equal(revealed.length, 1);
      await page.button("Show as graph").click();
      await page.drawn();
    });

    it("fills a table that is enlarged with rows", async () => {
      const page = await open(shown(longChain(300)), {}, { height: 300 });
      await page.button("Show as table").click();
      await page.page.locator("tbody tr").first().waitFor();
      await page.page.setViewportSize({ width: 900, height: 1600 });
      await page.page.waitForFunction(() => {
        const holder = document.querySelector(".table-holder");
        const last = [...document.querySelectorAll("tbody tr:has(td)")].at(-1);
        return holder && last && last.getBoundingClientRect().bottom >= holder.getBoundingClientRect().bottom;
      });
    });

    it("walks through the table with the arrow keys, and keeps the focus while it scrolls", async () => {
      const page = await open(shown(longChain(300)));
      await page.button("Show as table").click();
      await page.page.locator("tbody button").first().focus();
      const focusedRow = (): Promise<string | null> =>
        page.page.evaluate(() => document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") ?? null);
      await page.press("ArrowDown");
      await page.page.waitForFunction(() => document.activeElement?.closest('tr[aria-rowindex="3"]'));
      await page.press("PageDown");
      await page.page.waitForFunction(() => document.activeElement?.closest('tr[aria-rowindex="23"]'));
      await page.press("End");
      await page.page.waitForFunction(() => document.activeElement?.textContent === "loss");
      await page.page.locator(".table-holder").evaluate((holder) => holder.scrollTo(0, 0));
      await page.page.getByRole("button", { name: "W", exact: true }).waitFor();
      assert.notEqual(await focusedRow(), null);
    });

    it("sorts gradients that are not a number above all others in the table", async () => {
      const g = new GraphBuilder();
      const norms = [1, Number.NaN, 3, 0, Number.NaN, 2];
      const grad = scalarStats(1);
      const leaves = norms.map((norm, i) => g.parameter(`p${i}`, [], { grad: { ...grad, norm } }));
      g.named("loss", g.op("sum", leaves, []), { grad: null, isRoot: true });
      const page = await open(shown(g.build()));
      await page.button("Show as table").click();
      const sort = page.page.getByRole("button", { name: "‖∇‖" });
      const names = (): Promise<string[]> => page.page.locator("tbody td:first-child").allTextContents();
      await sort.click();
      assert.deepEqual((await names()).slice(0, 6), ["p1", "p4", "p2", "p5", "p0", "p3"]);
      await sort.click();
      assert.deepEqual((await names()).slice(-6), ["p3", "p0", "p5", "p2", "p1", "p4"]);
    });

    it("keeps a table of thousands of rows short in the page", async () => {
      const page = await open(shown(longChain(3000)));
      await page.button("Show as table").click();
      assert.ok((await page.page.locator("tbody tr").count()) < 120);
      await page.page.locator(".table-holder").evaluate((holder) => holder.scrollTo(0, holder.scrollHeight));
      await page.page.getByRole("button", { name: "loss", exact: true }).waitFor();
    });
  });

  describe("search", () => {
    it("counts matches, opens what they are folded into, and goes round", async () => {
      const page = await open(shown(transformer(12)));
      const field = page.page.getByRole("textbox");
      await field.fill("h.5 softmax");
      assert.equal(await page.page.locator(".search-count").textContent(), "1");
      await page.press("Enter");
      await page.page.waitForFunction(() => document.querySelector(".details h2")?.textContent === "softmax");
      await page.settled();
      const box = await page.box("softmax");
      const { width, height } = (await page.canvas.boundingBox()) ?? assert.fail();
      assert.ok(box.x > 0 && box.x < width && box.y > 0 && box.y < height);
      assert.equal(await page.page.locator(".search-count").textContent(), "1 of 1");
      await field.fill("nothing like this");
      assert.equal(await page.page.locator(".search-count").textContent(), "none");
    });

    it("takes the focus with Ctrl+F", async () => {
      const page = await open(shown(mlp()));
      await page.focusGraph();
      await page.press("Control+f");
      await page.page.keyboard.type("bias");
      assert.equal(await page.page.locator(".search-count").textContent(), "3");
    });
  });

  describe("backward", () => {
    it("writes the chain rule with every factor, step by step", async () => {
      const page = await open(shown(chainRuleExample()), {}, { reducedMotion: true });
      await page.focusGraph();
      await page.press("]");
      assert.equal(await page.chain(), "dy/d(+ 5) = 1 · 22 = 22");
      await page.press("]", "]", "]");
      assert.equal(await page.chain(), "dy/dx = 1 · 22 · 1 · 2 = 44");
      assert.equal(await page.page.locator(".playback-step").textContent(), "4 of 4");
      await page.press("[");
      assert.equal(await page.page.locator(".playback-step").textContent(), "3 of 4");
    });

    it("plays to the end by itself, and pauses", async () => {
      const page = await open(shown(chainRuleExample()));
      await page.button("Play backward").click();
      await page.page.waitForFunction(() => document.querySelector(".playback-step")?.textContent === "2 of 4");
      await page.page.locator(".playback").getByRole("button", { name: "Pause" }).click();
      const paused = await page.page.locator(".playback-step").textContent();
      await page.page.waitForTimeout(1300);
      assert.equal(await page.page.locator(".playback-step").textContent(), paused);
      await page.page.locator(".playback").getByRole("button", { name: "Play" }).click();
      await page.page.waitForFunction(() => document.querySelector(".playback-step")?.textContent === "4 of 4");
      assert.equal(await page.chain(), "dy/dx = 1 · 22 · 1 · 2 = 44");
    });

    it("goes to any step with the slider", async () => {
      const page = await open(shown(mlp()));
      await page.focusGraph();
      await page.press("]");
      await page.page.getByRole("slider").fill("7");
      assert.equal(await page.page.locator(".playback-step").textContent(), "7 of 12");
    });

    it("links each factor to its edge: pointing at one changes the picture", async () => {
      const page = await open(shown(chainRuleExample()), {}, { reducedMotion: true });
      await page.focusGraph();
      await page.press("]", "]", "]");
      await page.settled();
      const before = await page.canvas.screenshot();
      await page.page.locator(".factor").nth(1).hover();
      await page.settled();
      assert.notDeepEqual(await page.canvas.screenshot(), before);
    });
  });

  describe("export", () => {
    const exported = async (label: string): Promise<{ kind: string; data: string }> => {
      const saved = Promise.withResolvers<{ kind: string; data: string }>();
      const page = await open(shown(mlp()), {
        saveFile: (kind, data) => {
          saved.resolve({ kind, data });
          return `graph.${kind}`;
        },
      });
      await page.button("Export").click();
      await page.page.getByRole("menuitem", { name: label }).click();
      const result = await saved.promise;
      await page.page.getByText(`Saved graph.${result.kind}`).waitFor();
      return result;
    };

    it("gives the focus back to its button, and closes when the focus leaves it", async () => {
      const page = await open(shown(mlp()), { saveFile: () => null });
      const button = page.button("Export");
      const state = async (): Promise<[isFocused: boolean, expanded: string | null]> => [
        await button.evaluate((element) => element.matches(":focus")),
        await button.getAttribute("aria-expanded"),
      ];
      assert.deepEqual(await state(), [false, "false"]);
      assert.equal(await page.button("Details").getAttribute("aria-pressed"), "true");
      for (const key of ["Escape", "Enter"]) {
        await button.click();
        await page.page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
        assert.deepEqual(await state(), [false, "true"]);
        await page.press("ArrowDown", key);
        await page.page.getByRole("menu").waitFor({ state: "detached" });
        assert.deepEqual(await state(), [true, "false"], key);
      }
      for (const leave of [() => page.press("Tab"), () => page.canvas.click({ position: { x: 5, y: 5 } })]) {
        await button.click();
        await page.page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
        await leave();
        await page.page.getByRole("menu").waitFor({ state: "detached" });
        assert.deepEqual(await state(), [false, "false"]);
      }
    });

    it("writes SVG with the names and the theme's colours", async () => {
      const { kind, data } = await exported("SVG");
      assert.equal(kind, "svg");
      assert.match(data, /^<svg /);
      assert.equal(data.match(/>weight<\/text>/g)?.length, 3);
      assert.ok(data.includes("rgb(31,31,31)"));
    });

    it("writes a PNG of the whole graph at twice its size", async () => {
      const { kind, data } = await exported("PNG");
      assert.equal(kind, "png");
      const bytes = Buffer.from(data, "base64");
      assert.deepEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
      assert.ok(bytes.readUInt32BE(20) > 2000, "the part below the screen is there too");
    });

    it("writes DOT", async () => {
      const { data } = await exported("DOT");
      assert.match(data, /^digraph gradlens \{/);
      assert.equal(data.match(/->/g)?.length, mlp().edges.length);
    });
  });

  describe("with the editor", () => {
    it("highlights the nodes of the line the cursor moves to", async () => {
      const graph = chainRuleExample();
      const page = await open(shown(graph));
      const before = await page.canvas.screenshot();
      const { site } = graph.nodes[2] ?? assert.fail();
      panel.send.cursorMoved(site?.file ?? "", site?.line ?? 0);
      await page.settled();
      const highlighted = await page.canvas.screenshot();
      assert.notDeepEqual(highlighted, before);
      panel.send.cursorMoved("/elsewhere.ts", 1);
      await page.settled();
      assert.deepEqual(await page.canvas.screenshot(), before);
    });

    it("brings a line's nodes into sight when asked, out of folded modules too", async () => {
      const graph = transformer(12);
      const page = await open(shown(graph));
      const { site, label } = graph.nodes.find((node) => node.label === "gelu") ?? assert.fail();
      panel.send.showLine(site?.file ?? "", site?.line ?? 0);
      await page.page.waitForFunction((name) => document.querySelector(".details h2")?.textContent === name, label);
      await page.settled();
      const box = await page.box("gelu");
      assert.ok(box.y > 0 && box.y < 700);
    });

    it("shows all of a graph that can be read whole when a debugger comes to a part out of sight or the graph grows, and else stays where it is", async () => {
      const replies = [shown(chainRuleExample()), shown(twoPathsExample())];
      panel = await browser.open({ loadGraph: () => replies.shift() ?? assert.fail() });
      const page = new GraphPage(panel.page);
      await page.drawn();
      await page.focusGraph();
      for (let times = 0; times < 4; times++) {
        await page.press("+");
        await page.settled();
      }
      const isWhole = () => {
        const canvas: GraphCanvas | null = document.querySelector(".graph canvas");
        return canvas?.shownBoxes?.().every(({ y, height }) => y > 0 && y + height < canvas.clientHeight) ?? false;
      };
      assert.equal(await page.page.evaluate(isWhole), false);
      panel.send.frameMoved(0);
      await page.page.waitForFunction(isWhole);
      await page.settled();
      const scale = await page.data("scale");
      await page.press("+");
      await page.settled();
      panel.send.frameMoved(0);
      await page.settled();
      assert.notEqual(await page.data("scale"), scale, "nobody zoomed out again");
      const before = await page.data("boxes");
      panel.send.graphChanged();
      await page.page.waitForFunction((count) => {
        const canvas: GraphCanvas | null = document.querySelector(".graph canvas");
        return canvas?.dataset["boxes"] !== count;
      }, before);
      await page.settled();
      assert.equal(await page.page.evaluate(isWhole), false);
      panel.send.frameMoved(0);
      await page.page.waitForFunction(isWhole);
    });

    it("is opened in the middle, also when a debugger stands in it before it has a size", async () => {
      const reply = Promise.withResolvers<GraphReply>();
      panel = await browser.open({ loadGraph: () => reply.promise });
      const page = new GraphPage(panel.page);
      panel.send.frameMoved(0);
      reply.resolve(shown(chainRuleExample()));
      await page.drawn();
      await page.page.getByText("of 4", { exact: false }).first().waitFor();
      await page.settled();
      const { width = 0, height = 0 } = (await page.canvas.boundingBox()) ?? {};
      for (const box of await page.boxes()) {
        assert.ok(box.x > width / 4, `${box.title} at ${box.x} of ${width}`);
        assert.ok(box.y > 0 && box.y + box.height < height, `${box.title} at ${box.y} of ${height}`);
      }
    });

    it("draws the new graph when the recording changes, and keeps the old one until then", async () => {
      const replies = [shown(chainRuleExample()), shown(mlp())];
      panel = await browser.open({ loadGraph: () => replies.shift() ?? assert.fail() });
      const page = new GraphPage(panel.page);
      await page.drawn(5);
      panel.send.graphChanged();
      await page.drawn(22);
    });

    it("asks for the backward call that is chosen", async () => {
      const asked: (number | null)[] = [];
      const choices = [
        { id: 0, label: "backward 1 of 2, line 12" },
        { id: 1, label: "backward 2 of 2, line 12" },
      ];
      const page = await open(shown(mlp()), {
        loadGraph: ({ choice }) => {
          asked.push(choice);
          return shown(mlp(), { choices, choice: choice ?? 1 });
        },
      });
      await page.page.getByRole("combobox").click();
      await page.page.getByRole("option", { name: "backward 1 of 2, line 12" }).click();
      await page.settled();
      assert.deepEqual(asked, [null, 0]);
    });

    it("shows an alert in one sentence and leads to where it was born", async () => {
      const page = await open(shown(nanPath()));
      const alert = page.page.locator(".alert");
      assert.match((await alert.textContent()) ?? "", /Gradient of `w` is NaN/);
      await alert.getByRole("button", { name: /Gradient of/ }).click();
      await page.page.waitForFunction(() => document.querySelector(".details h2")?.textContent === "log");
    });
  });

  describe("without a graph", () => {
    it("says why it is empty and holds the one button that fills it", async () => {
      let runs = 0;
      const replies: GraphReply[] = [
        { kind: "empty", reason: "model.ts has not run yet.", action: "Run model.ts" },
        shown(chainRuleExample()),
      ];
      panel = await browser.open({ loadGraph: () => replies.shift() ?? assert.fail(), runModel: () => void runs++ });
      const page = new GraphPage(panel.page);
      await page.page.getByText("model.ts has not run yet.").waitFor();
      await page.button("Run model.ts").click();
      await page.settled();
      assert.equal(runs, 1);
      panel.send.graphChanged();
      await page.drawn(5);
    });

    it("shows what went wrong and tries again", async () => {
      let calls = 0;
      panel = await browser.open({
        loadGraph: () => {
          if (calls++ === 0) throw new Error("The recording model.gradlens is damaged.");
          return shown(chainRuleExample());
        },
      });
      const page = new GraphPage(panel.page);
      await page.page.getByText("The recording model.gradlens is damaged.").waitFor();
      await page.button("Try again").click();
      await page.drawn(5);
    });

    it("shows what it waits for, and after a second a way out of it", async () => {
      const stopped = Promise.withResolvers<void>();
      panel = await browser.open({
        loadGraph: (_options, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => [stopped.resolve(), reject(new Error("stopped"))]);
          }),
      });
      const cancel = panel.page.getByRole("button", { name: "Cancel" });
      await panel.page.getByText("Reading the recording…").waitFor();
      assert.equal(await cancel.isVisible(), false);
      await cancel.waitFor({ state: "visible" });
      await cancel.click();
      await stopped.promise;
      await panel.page.getByRole("button", { name: "Try again" }).waitFor();
    });
  });

  describe("in VS Code's window", () => {
    it("reads the theme again when it changes", async () => {
      const page = await open(shown(mlp()), {}, { theme: "dark" });
      const cornerOf = (): Promise<number[]> =>
        page.canvas.evaluate((canvas) => {
          const context = (canvas as HTMLCanvasElement).getContext("2d");
          return [...(context?.getImageData(2, 2, 1, 1).data ?? [])];
        });
      assert.deepEqual(await cornerOf(), [31, 31, 31, 255]);
      await page.useTheme("light");
      assert.deepEqual(await cornerOf(), [255, 255, 255, 255]);
    });

    it("comes back as it was after it was hidden", async () => {
      const first = await open(shown(mlp()));
      await first.button("Fold all modules").click();
      await first.drawn(10);
      await first.focusGraph();
      await first.press("Shift+ArrowRight");
      await first.page.waitForTimeout(400);
      const before = await first.box("fc1");
      const state = await panel.keptState();
      await panel.close();
      const second = await open(shown(mlp()), {}, { state });
      assert.equal(await second.data("boxes"), "10");
      const after = await second.box("fc1");
      assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 1);
    });

    it("forgets a kept state that it does not understand", async () => {
      const page = await open(shown(chainRuleExample()), {}, { state: { folds: 7, camera: "here" } });
      assert.equal(await page.data("boxes"), "5");
    });

    it("treats every name as text", async () => {
      const page = await open(shown(hostileNames()));
      await page.button("Show as table").click();
      const first = page.page.locator("tbody tr").first();
      assert.match((await first.textContent()) ?? "", /<img src=x onerror=alert\(1\)>/);
      assert.equal(await page.page.locator("img, td script, td b, td i").count(), 0);
      const longest = await page.page
        .locator("td")
        .evaluateAll((cells) => Math.max(...cells.map((cell) => cell.textContent?.length ?? 0)));
      assert.ok(longest <= 60);
      assert.doesNotMatch((await page.page.locator("body").textContent()) ?? "", /\u202E/);
    });

    it("fits beside an editor: nothing is cut off at 420 pixels", async () => {
      const page = await open(shown(mlp()), {}, { width: 420, height: 700 });
      const overflow = await page.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(overflow, 0);
      for (const label of ["Export", "Details", "Show as table", "Play backward"]) {
        const { x = 0, width = 0 } = (await page.button(label).boundingBox()) ?? {};
        assert.ok(x > 0 && x + width <= 420, label);
      }
    });

    it("fits there with a choice of backward calls, too", async () => {
      const choices = [0, 1].map((id) => ({ id, label: `backward ${id + 1} of 2, line 12` }));
      const page = await open(shown(mlp(), { choices, choice: 1 }), {}, { width: 480, height: 700 });
      for (const label of ["Export", "Details", "Show as table", "Play backward", "Fold all modules"]) {
        const { x = 0, width = 0 } = (await page.button(label).boundingBox()) ?? {};
        assert.ok(x > 0 && x + width <= 480, label);
      }
      const { width: ofRun = 0 } = (await page.page.locator(".run-file").boundingBox()) ?? {};
      assert.ok(ofRun > 40, `the file's name has ${ofRun} pixels`);
    });

    it("gives a screen reader nothing to complain about", async () => {
      const page = await open(shown(nanPath()));
      await page.focusGraph();
      await page.press("Space", "]");
      await page.page.evaluate(readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
      const violations = await page.page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const result = await axe.run();
        return result.violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
        );
      });
      assert.deepEqual(violations, []);
    });
  });
});
