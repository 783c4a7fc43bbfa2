import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import type { OverviewReply } from "../../../webview/protocol/overview.ts";
import { PanelBrowser } from "../support/panelBrowser.ts";
import { type ThemeName, themes, useTheme } from "../support/themes.ts";
import { hostileRun, nanRun, overviewOf, overviewTested, trainingRun } from "./results.ts";

interface Picture {
  readonly reply: () => OverviewReply;
  readonly prepare?: (page: Page) => Promise<void>;
  readonly width?: number;
  readonly height?: number;
}

const running = { file: "examples/model.ts", startedAt: Date.UTC(2026, 10, 23, 14, 5, 1), ops: 20_480 };

const pictures: Readonly<Record<string, Picture>> = {
  nan: { reply: () => overviewOf(nanRun()) },
  training: {
    reply: () => overviewOf(trainingRun()),
    prepare: async (page) => {
      await page.getByRole("grid").focus();
      await page.keyboard.press("ArrowDown");
    },
  },
  narrow: { reply: () => overviewOf(trainingRun()), width: 520, height: 900 },
  behind: {
    reply: () => overviewOf(trainingRun(), { failure: "TypeError: x.foo is not a function (model.ts:12)", running }),
  },
  hostile: { reply: () => overviewOf(hostileRun()) },
  empty: {
    reply: () => ({
      kind: "empty",
      reason: "No run is open, so there is nothing to tell.",
      action: "Run mlp.ts",
      running: null,
    }),
  },
};

/** Pictures to be looked at by a person: every state of the overview in every kind of theme, in test/webview/.shots. */
describe("pictures of the run overview", () => {
  const folder = path.join(import.meta.dirname, "..", ".shots");
  let browser: PanelBrowser;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  for (const [name, { reply, prepare, width = 900, height = 1100 }] of Object.entries(pictures)) {
    it(`takes one of "${name}" in every theme, each different from the others`, async () => {
      const answer = reply();
      const panel = await browser.openPanel(overviewTested, { loadOverview: () => answer }, { width, height });
      await panel.page.locator(".section, .empty").first().waitFor();
      await prepare?.(panel.page);
      const taken = new Set<string>();
      for (const theme of Object.keys(themes) as ThemeName[]) {
        await useTheme(panel.page, theme);
        await panel.page.waitForTimeout(250);
        const picture = await panel.page.screenshot({ path: path.join(folder, `overview-${name}.${theme}.png`) });
        taken.add(picture.toString("base64"));
      }
      assert.equal(taken.size, Object.keys(themes).length);
      assert.deepEqual(panel.complaints, []);
      await panel.close();
    });
  }
});
