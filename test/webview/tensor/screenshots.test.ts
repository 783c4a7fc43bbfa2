import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { PanelBrowser } from "../support/panelBrowser.ts";
import { type ThemeName, themes, useTheme } from "../support/themes.ts";
import { answersAbout, largeRun, shapesRun, stepsRun, type TensorHandlers, tensorTested } from "./answers.ts";

interface Picture {
  readonly handlers: () => Partial<TensorHandlers>;
  readonly prepare?: (page: Page) => Promise<void>;
  readonly width?: number;
}

const press = (name: string) => async (page: Page) => page.getByRole("button", { name, exact: true }).click();

const pictures: Readonly<Record<string, Picture>> = {
  table: { handlers: () => answersAbout(shapesRun(), "w") },
  "heat-map": {
    handlers: () => answersAbout(shapesRun(), "w"),
    prepare: async (page) => {
      await press("Gradient")(page);
      await press("Heat map")(page);
    },
  },
  four: { handlers: () => answersAbout(shapesRun(), "conv"), prepare: press("Heat map") },
  vector: { handlers: () => answersAbout(shapesRun(), "b") },
  odd: { handlers: () => answersAbout(shapesRun(), "odd"), prepare: press("Heat map") },
  steps: { handlers: () => answersAbout(stepsRun(), "w"), prepare: press("Step before") },
  sampled: { handlers: () => answersAbout(largeRun([1000, 3000]), "big"), prepare: press("Heat map") },
  "no-gradient": { handlers: () => answersAbout(shapesRun(), "fixed"), prepare: press("Gradient ∅") },
  narrow: { handlers: () => answersAbout(shapesRun(), "w"), width: 480 },
  empty: { handlers: () => ({}) },
};

/** Pictures to be looked at by a person: every state of the viewer in every kind of theme, in test/webview/.shots. */
describe("pictures of the tensor viewer", () => {
  const folder = path.join(import.meta.dirname, "..", ".shots");
  let browser: PanelBrowser;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  for (const [name, { handlers, prepare, width = 900 }] of Object.entries(pictures)) {
    it(`takes one of "${name}" in every theme, each different from the others`, async () => {
      const panel = await browser.openPanel(tensorTested, handlers(), { width, height: 620 });
      await panel.page.locator(".controls, .empty").first().waitFor();
      await prepare?.(panel.page);
      const taken = new Set<string>();
      for (const theme of Object.keys(themes) as ThemeName[]) {
        await useTheme(panel.page, theme);
        await panel.page.waitForTimeout(200);
        const picture = await panel.page.screenshot({ path: path.join(folder, `tensor-${name}.${theme}.png`) });
        taken.add(picture.toString("base64"));
      }
      assert.equal(taken.size, Object.keys(themes).length);
      assert.deepEqual(panel.complaints, []);
      await panel.close();
    });
  }
});
