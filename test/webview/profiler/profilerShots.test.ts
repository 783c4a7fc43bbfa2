import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { PanelBrowser } from "../support/panelBrowser.ts";
import { type ThemeName, themes } from "../support/themes.ts";
import { ProfilerPage, profilerTested, shownProfile } from "./profilerPage.ts";
import { syntheticTimeline } from "./syntheticTimeline.ts";

const tabs = {
  timeline: "Timeline",
  merged: "Left-heavy",
  sandwich: "Sandwich",
  ops: "Ops",
  modules: "Modules",
  lines: "Lines",
  memory: "Memory",
  kept: "Kept for backward",
  compare: "Compare",
} as const;

/** Pictures to be looked at by a person: every view in every kind of theme, in test/webview/.shots. */
describe("pictures of the profiler panel", () => {
  const folder = path.join(import.meta.dirname, "..", ".shots");
  let browser: PanelBrowser;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  for (const [name, title] of Object.entries(tabs)) {
    it(`takes one of "${title}" in every theme, each different from the others`, async () => {
      const timeline = syntheticTimeline(name === "timeline" ? 20_000 : 300);
      const panel = await browser.openPanel(profilerTested(timeline), {
        loadProfile: () => ({ ...shownProfile, others: [{ id: 3, label: "14:01:10, 99.00 ms" }] }),
      });
      const page = new ProfilerPage(panel.page);
      await page.drawn();
      if (name === "timeline") {
        await panel.page.locator(".flame").focus();
        await page.press("+", "+", "+", "+", "+", "+", "+", "+", "+", "+", "+");
        await page.press("Space", "ArrowDown", "ArrowDown", "l");
      } else await page.tab(title);
      await panel.page.locator(".busy").waitFor({ state: "hidden" });
      await panel.page.waitForTimeout(150);
      const taken = new Set<string>();
      for (const theme of Object.keys(themes) as ThemeName[]) {
        await page.useTheme(theme);
        const picture = await panel.page.screenshot({ path: path.join(folder, `profiler-${name}.${theme}.png`) });
        taken.add(picture.toString("base64"));
      }
      assert.deepEqual(panel.complaints, []);
      assert.equal(taken.size, Object.keys(themes).length);
      await panel.close();
    });
  }
});
