import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { GraphReply } from "../../../webview/protocol/graph.ts";
import {
  chainRuleExample,
  cnn,
  detachedParts,
  longChain,
  mlp,
  nanPath,
  transformer,
  twoPathsExample,
} from "../graphs/examples.ts";
import { GraphPage, shown } from "../support/graphPage.ts";
import { PanelBrowser } from "../support/panelBrowser.ts";
import { type ThemeName, themes } from "../support/themes.ts";

interface Picture {
  readonly reply: GraphReply;
  /** What the user does before the picture is taken. */
  readonly prepare?: (page: GraphPage) => Promise<void>;
}

const empty: GraphReply = { kind: "empty", reason: "mlp.ts has not run in this window yet.", action: "Run mlp.ts" };

const pictures: Readonly<Record<string, Picture>> = {
  "chain-rule": { reply: shown(chainRuleExample()), prepare: (page) => stepTo(page, 4) },
  "two-paths": { reply: shown(twoPathsExample()), prepare: (page) => stepTo(page, 5) },
  mlp: { reply: shown(mlp()), prepare: (page) => page.click("weight") },
  "mlp-backward": { reply: shown(mlp()), prepare: (page) => stepTo(page, 7) },
  cnn: { reply: shown(cnn()), prepare: async (page) => page.button("Backward: gradients").click() },
  transformer: { reply: shown(transformer(12)) },
  "transformer-open": {
    reply: shown(transformer(12)),
    prepare: async (page) => {
      await page.button("Unfold all modules").click();
      await page.settled();
      await page.focusGraph();
      await page.press("f");
    },
  },
  detached: { reply: shown(detachedParts()), prepare: async (page) => page.button("Symbols").click() },
  "nan-path": { reply: shown(nanPath()) },
  "2000-ops": { reply: shown(longChain(2000)) },
  table: { reply: shown(mlp()), prepare: async (page) => page.button("Show as table").click() },
  empty: { reply: empty },
};

/** Pictures to be looked at by a person: every state of the panel in every kind of theme, in test/webview/.shots. */
describe("pictures of the graph panel", () => {
  const folder = path.join(import.meta.dirname, "..", ".shots");
  let browser: PanelBrowser;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await PanelBrowser.start();
  });

  after(() => browser.close());

  for (const [name, { reply, prepare }] of Object.entries(pictures)) {
    it(`takes one of "${name}" in every theme, each different from the others`, async () => {
      const panel = await browser.open({ loadGraph: () => reply });
      const page = new GraphPage(panel.page);
      if (reply.kind === "graph") await page.drawn();
      await prepare?.(page);
      await page.settled();
      const taken = new Set<string>();
      for (const theme of Object.keys(themes) as ThemeName[]) {
        await page.useTheme(theme);
        const picture = await panel.page.screenshot({ path: path.join(folder, `${name}.${theme}.png`) });
        taken.add(picture.toString("base64"));
      }
      assert.equal(taken.size, Object.keys(themes).length);
      assert.deepEqual(panel.complaints, []);
      await panel.close();
    });
  }
});

async function stepTo(page: GraphPage, step: number): Promise<void> {
  await page.focusGraph();
  for (let i = 0; i < step; i++) await page.press("]");
}
