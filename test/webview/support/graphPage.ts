import type { Page } from "playwright-core";
import type { Graph } from "../../../engine/recording/queries/graphTypes.ts";
import type { GraphCanvas, ShownBox } from "../../../webview/graph/canvasPainter.ts";
import type { GraphShown } from "../../../webview/protocol/graph.ts";
import { type ThemeName, useTheme } from "./themes.ts";

/** A reply that shows a graph. */
export function shown(graph: Graph, details: Partial<GraphShown> = {}): GraphShown {
  const run = {
    file: "examples/model.ts",
    startedAt: Date.UTC(2026, 10, 23, 14, 3, 22),
    durationMs: 12.4,
    outcome: "ok",
  } as const;
  return { kind: "graph", graph, run, choices: [{ id: 0, label: "backward, line 12" }], choice: 0, ...details };
}

/** What a test does with the panel's page, in a user's words. */
export class GraphPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get canvas() {
    return this.page.locator(".graph canvas");
  }

  /** Waits until a graph is on the canvas. */
  async drawn(boxes?: number): Promise<void> {
    const wanted = boxes === undefined ? ".graph canvas[data-boxes]" : `.graph canvas[data-boxes="${boxes}"]`;
    await this.page.waitForSelector(wanted, { timeout: 15_000 });
    await this.settled();
  }

  /** Waits until the picture has come to rest: nothing moved for six frames. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let last = "";
          let still = 0;
          const look = (): void => {
            const canvas: GraphCanvas | null = document.querySelector(".graph canvas");
            const picture = JSON.stringify(canvas?.shownBoxes?.().slice(0, 3));
            still = picture === last ? still + 1 : 0;
            last = picture;
            if (still === 6) resolve();
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
  }

  data(name: string): Promise<string | null> {
    return this.canvas.getAttribute(`data-${name}`);
  }

  boxes(): Promise<ShownBox[]> {
    return this.canvas.evaluate((canvas) => (canvas as GraphCanvas).shownBoxes?.() ?? []);
  }

  async box(title: string): Promise<ShownBox> {
    const boxes = await this.boxes();
    const found = boxes.find((box) => box.title === title);
    if (!found) throw new Error(`No box "${title}"; there are ${boxes.map((box) => box.title).join(", ")}.`);
    return found;
  }

  async click(title: string): Promise<void> {
    const { x, y, width, height } = await this.box(title);
    await this.canvas.click({ position: { x: x + width / 2, y: y + height / 2 } });
  }

  async doubleClick(title: string): Promise<void> {
    const { x, y, width, height } = await this.box(title);
    await this.canvas.dblclick({ position: { x: x + width / 2, y: y + height / 2 } });
  }

  button(label: string) {
    return this.page.getByRole("button", { name: label, exact: true });
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async focusGraph(): Promise<void> {
    await this.page.locator(".graph").focus();
  }

  /** Switches the theme as VS Code does: other variables on the root, another class on the body. */
  async useTheme(name: ThemeName): Promise<void> {
    await useTheme(this.page, name);
    await this.settled();
  }

  /** What a screen reader was told last. */
  async spoken(): Promise<string> {
    return (await this.page.locator(".only-spoken[aria-live]").textContent()) ?? "";
  }

  async chain(): Promise<string> {
    return ((await this.page.locator(".chain").textContent()) ?? "").replace(/\s+/g, " ").trim();
  }
}
