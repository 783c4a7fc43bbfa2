import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { autograd, gradcheck, randn, type Tensor, tensor } from "../../../engine/index.ts";
import type { Place } from "../../../engine/recording/queries/rows.ts";
import { gradcheckPanel } from "../../../webview/protocol/gradcheck.ts";
import { PanelBrowser } from "../support/panelBrowser.ts";
import { type ThemeName, themes } from "../support/themes.ts";
import { toldChecks } from "./checks.ts";

type Ctx = autograd.FunctionCtx;

class Cosine extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.cos();
  }
  static backward(ctx: Ctx, grad: Tensor): Tensor {
    return grad.mul((ctx.savedTensors[0] as Tensor).sin());
  }
}

class Product extends autograd.Function {
  static forward(ctx: Ctx, a: Tensor, b: Tensor): Tensor {
    ctx.saveForBackward(a, b);
    return a.matmul(b);
  }
  static backward(ctx: Ctx, grad: Tensor): Tensor[] {
    const [a, b] = ctx.savedTensors as [Tensor, Tensor];
    return [grad.matmul(b), a.t().matmul(grad)];
  }
}

const double = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const quiet = { raiseException: false } as const;

const told = toldChecks(() => {
  const square = (x: Tensor): Tensor => x.mul(x);
  const composite = (x: Tensor): Tensor => Cosine.apply(x.mul(2)).exp();
  const product = (a: Tensor, b: Tensor): Tensor => Product.apply(a, b);
  const relu = (x: Tensor): Tensor => x.relu();
  const large = (x: Tensor): Tensor => Cosine.apply(x);
  gradcheck(square, [double([1, 2, 3])], quiet);
  gradcheck(composite, [double([0.5, 2, -1.2, 0.4])], quiet);
  gradcheck(
    product,
    [
      double([
        [0.5, -1.2],
        [1.9, 0.3],
      ]),
      double([
        [1, 2],
        [-0.5, 3],
      ]),
    ],
    quiet,
  );
  gradcheck(relu, [double([0, 1, -2])], quiet);
  gradcheck(large, [randn([9, 8], { dtype: "float64", requiresGrad: true })], quiet);
});

const tested = {
  contract: gradcheckPanel,
  unanswered: {
    loadGradchecks: () => told.shown,
    loadJacobians: (check: number) => told.pairs[check] ?? [],
    revealSource: () => {},
    runModel: () => {},
  },
};

describe("the gradcheck panel", () => {
  const folder = path.join(import.meta.dirname, "..", ".shots");
  let browser: PanelBrowser;
  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await PanelBrowser.start();
  });
  after(() => browser.close());

  const open = () => browser.openPanel(tested, {}, { width: 1180, height: 820 });

  it("opens at the first check that failed, says what is wrong, and whom to blame", async () => {
    const { page, complaints, close } = await open();
    await page.getByText("4 of 5 failed").waitFor();
    const report = page.locator(".report");
    await report.getByRole("heading", { name: "gradcheck composite" }).waitFor();
    await report.getByText("The gradient that Cosine gives its input 0 has the wrong sign.").waitFor();
    await report.locator("canvas").nth(2).waitFor();
    assert.match(await report.locator(".finding").innerText(), /To blame: Cosine checks\.ts:25/);
    assert.deepEqual(complaints, []);
    await close();
  });

  it("shows an entry's slopes at three steps and to both sides, and how far it is beyond the tolerance", async () => {
    const { page, close } = await open();
    await page.locator(".entry table").waitFor();
    const text = await page.locator(".entry").innerText();
    assert.match(text, /beyond the tolerance of/);
    assert.match(text, /analytical, from backward/);
    for (const step of ["1e−8", "1e−6", "1e−4"]) assert.ok(text.includes(`central, ε = ${step}`), step);
    assert.match(text, /to the right/);
    assert.match(text, /to the left/);
    await close();
  });

  it("is moved through with the keyboard: entries, wrong entries, checks", async () => {
    const { page, close } = await open();
    const heading = page.locator(".entry h3");
    await heading.waitFor();
    await page.locator(".matrices").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("PageUp");
    assert.match(await heading.innerText(), /^Entry \[0, 0\]/);
    await page.keyboard.press("ArrowRight");
    assert.match(await heading.innerText(), /^Entry \[0, 1\]/);
    await page.keyboard.press("w");
    assert.match(await heading.innerText(), /^Entry \[1, 1\]/);
    assert.match((await page.locator(".only-spoken[aria-live]").textContent()) ?? "", /Row 1, column 1: analytical/);
    await page.locator(".checks").focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: "gradcheck product" }).waitFor();
    await page.getByText("is multiplied by a matrix that should be transposed").waitFor();
    await close();
  });

  it("tells a kink apart from a bug", async () => {
    const { page, close } = await open();
    await page.getByRole("option", { name: /relu/ }).click();
    await page.getByText("that is no bug").waitFor();
    assert.equal(await page.locator(".finding-doubtful").count(), 1);
    await close();
  });

  it("leads to the line of the wrong backward, and of the check", async () => {
    const asked: Place[] = [];
    const { page, close } = await browser.openPanel(tested, { revealSource: (place: Place) => void asked.push(place) });
    await page.locator(".finding .link-button").click();
    await page.locator(".report header .link-button").click();
    await page.waitForTimeout(100);
    assert.deepEqual(
      asked.map(({ line }) => line),
      [25, 30],
    );
    await close();
  });

  it("goes to the check of a line, and says why it is empty", async () => {
    const panel = await open();
    await panel.page.getByRole("heading", { name: "gradcheck composite" }).waitFor();
    panel.send.showLine("/work/models/checks.ts", 50);
    await panel.page.getByRole("heading", { name: "gradcheck relu" }).waitFor();
    panel.send.showCheck(0);
    await panel.page.getByText("Backward agrees with finite differences").waitFor();
    await panel.close();
    let runs = 0;
    const empty = await browser.openPanel(tested, {
      loadGradchecks: () => ({ kind: "empty", reason: "No run is open.", action: "Run mlp.ts" }) as const,
      runModel: () => void runs++,
    });
    await empty.page.getByText("No run is open.").waitFor();
    await empty.page.getByText("Run mlp.ts").click();
    await empty.page.waitForTimeout(100);
    assert.equal(runs, 1);
    await empty.close();
  });

  it("can be used without eyes: no rule of axe is broken", async () => {
    const { page, close } = await open();
    await page.locator(".entry table").waitFor();
    await page.evaluate(readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const result = await axe.run();
      return result.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
      );
    });
    assert.deepEqual(violations, []);
    await close();
  });

  for (const [name, check] of [
    ["gradcheck", /composite/],
    ["gradcheck-transposed", /product/],
    ["gradcheck-large", /large/],
  ] as const) {
    it(`looks different in each theme: ${name}`, async () => {
      const { page, close, complaints } = await open();
      await page.getByRole("option", { name: check }).click();
      await page.locator(".entry table").waitFor();
      const taken = new Set<string>();
      for (const theme of Object.keys(themes) as ThemeName[]) {
        await page.evaluate(({ bodyClass, variables }) => {
          document.documentElement.removeAttribute("style");
          for (const [variable, value] of Object.entries(variables)) {
            document.documentElement.style.setProperty(`--vscode-${variable}`, value);
          }
          document.body.className = bodyClass;
        }, themes[theme]);
        await page.waitForTimeout(200);
        const picture = await page.screenshot({ path: path.join(folder, `${name}.${theme}.png`) });
        taken.add(picture.toString("base64"));
      }
      assert.equal(taken.size, Object.keys(themes).length);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
});
