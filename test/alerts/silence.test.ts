import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Alert, findAlerts, rules } from "../../engine/recording/queries/alerts.ts";
import { alertOptions } from "../../extension/results/alertSettings.ts";
import { inCache } from "../../scripts/project.ts";
import { Bench } from "./programs.ts";

const settings = { alertRules: {}, alertThresholds: {}, alertMode: "all" };

describe("what the user wants to hear of", function () {
  this.timeout(60_000);
  const bench = new Bench();
  after(() => bench.dispose());

  /** Runs a program whose log of 0 stands in line 4, with a comment at its end and one before it. */
  async function alertsWith(atEnd: string, before = ""): Promise<readonly Alert[]> {
    const file = path.join(inCache("silence"), "model.ts");
    mkdirSync(path.dirname(file), { recursive: true });
    const lines = [
      'import { tensor } from "gradlens";',
      "const x = tensor([0, 1], { requiresGrad: true });",
      before,
      `const y = x.log().sum(); ${atEnd}`,
      "y.backward();",
    ];
    writeFileSync(file, lines.join("\n"));
    return (await bench.run({ name: "model", file, expected: [] })).alerts;
  }
  const kinds = (alerts: readonly Alert[]): string[] => alerts.map(({ kind }) => kind);

  it("is silenced by its kind, and by its kind and cause, at its line", async () => {
    assert.deepEqual(kinds(await alertsWith("")), ["inf"]);
    assert.deepEqual(kinds(await alertsWith("// gradlens-ignore: inf")), []);
    assert.deepEqual(kinds(await alertsWith("// gradlens-ignore: inf log-of-nonpositive")), []);
    assert.deepEqual(kinds(await alertsWith("", "// gradlens-ignore: nan, inf")), []);
  });

  it("hears of the overflow of a training that diverges when its growth is not told", async () => {
    const file = path.join(inCache("silence"), "diverges.ts");
    writeFileSync(
      file,
      `import { manualSeed, optim, randn } from "gradlens";
manualSeed(11);
const w = randn(3, 1).requiresGrad_();
const optimizer = new optim.SGD([w], { lr: 2 });
const [x, y] = [randn(8, 3).mul(3), randn(8, 1)];
for (let step = 0; step < 30; step++) {
  optimizer.zeroGrad();
  x.matmul(w).sub(y).pow(2).mean().backward();
  optimizer.step();
}
`,
    );
    const { recording } = await bench.run({ name: "diverges", file, expected: [] });
    assert.deepEqual(kinds(findAlerts(recording)), ["exploding"]);
    const withoutRule = findAlerts(recording, { rules: { exploding: false } });
    assert.deepEqual(kinds(withoutRule), ["inf", "update-ratio"]);
    assert.deepEqual([withoutRule[0]?.place?.line, withoutRule[0]?.origin?.cause], [8, "overflow"]);
    const thresholds = { exploding: { norm: 1e40 } };
    assert.deepEqual(kinds(findAlerts(recording, { thresholds })), ["inf", "update-ratio"]);
    const silenced = readFileSync(file, "utf8").replace("step();", "step(); // gradlens-ignore: exploding");
    assert.deepEqual(kinds(findAlerts(recording, { sources: () => silenced })), ["inf", "update-ratio"]);
  });

  it("is not silenced by another cause, another kind, or a comment elsewhere", async () => {
    assert.deepEqual(kinds(await alertsWith("// gradlens-ignore: inf exp-overflow")), ["inf"]);
    assert.deepEqual(kinds(await alertsWith("// gradlens-ignore: nan")), ["inf"]);
    assert.deepEqual(kinds(await alertsWith("", "const z = 1; // gradlens-ignore: inf")), ["inf"]);
  });

  it("hears of comments with words that nobody knows, at their line", async () => {
    const [, unknown] = await alertsWith("// gradlens-ignore: infinity");
    assert.equal(unknown?.kind, "unknown-comment");
    assert.equal(unknown.place?.line, 4);
    const [, cause] = await alertsWith("// gradlens-ignore: inf log-of-nonpositiv");
    assert.match(cause?.message ?? "", /no cause 'log-of-nonpositiv'. Did you mean 'log-of-nonpositive'/);
    const [, empty] = await alertsWith("// gradlens-ignore");
    assert.match(empty?.message ?? "", /silences nothing/);
  });

  it("follows the settings: off, another severity, other thresholds, the first alone", async () => {
    const file = path.join(import.meta.dirname, "../fixtures/alerts/wrong/clip-infinite-norm.ts");
    const { recording } = await bench.run({ name: "clip", file, expected: [] });
    const told = (changed: object): string[] =>
      findAlerts(recording, alertOptions({ ...settings, ...changed })).map(
        ({ kind, severity }) => `${kind} ${severity}`,
      );
    assert.deepEqual(told({}), ["nan error", "clip-nonfinite warning"]);
    assert.deepEqual(told({ alertRules: { nan: "off" } }), ["clip-nonfinite warning"]);
    assert.deepEqual(told({ alertRules: { "clip-nonfinite": "error", nan: "info" } }), [
      "clip-nonfinite error",
      "nan info",
    ]);
    assert.deepEqual(told({ alertMode: "first" }), ["nan error"]);
    assert.deepEqual(told({ alertRules: { nan: 7, bogus: "off" } }), ["nan error", "clip-nonfinite warning"]);
    const chosen = alertOptions({ ...settings, alertThresholds: { "vanishing.ratio": 1e-9, "vanishing.bogus": 1 } });
    assert.deepEqual(chosen.thresholds, { vanishing: { ratio: 1e-9 } });
  });

  it("is told of the error that ended the run where the rule that explains it is off", async () => {
    const told = async (name: string, off: string): Promise<string[]> => {
      const file = path.join(import.meta.dirname, `../fixtures/alerts/wrong/${name}.ts`);
      const { recording } = await bench.run({ name, file, expected: [] });
      const all = (changed: object): string[] =>
        kinds(findAlerts(recording, alertOptions({ ...settings, ...changed })));
      return [...all({}), "or", ...all({ alertRules: { [off]: "off" } })];
    };
    assert.deepEqual(await told("reassign-nograd-loses-grad", "leaf-reassigned"), [
      ...["leaf-reassigned", "or", "no-grad-root"],
    ]);
    assert.deepEqual(await told("step-first-deep", "step-before-backward"), ["step-before-backward", "or", "inplace"]);
  });

  it("can be chosen for every kind and threshold in the editor's settings", async () => {
    const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8"));
    const { properties } = manifest.contributes.configuration;
    assert.deepEqual(
      Object.keys(properties["gradlens.alerts.rules"].properties),
      rules.map(({ kind }) => kind),
    );
    assert.deepEqual(
      Object.keys(properties["gradlens.alerts.thresholds"].properties),
      rules.flatMap(({ kind, thresholds }) => Object.keys(thresholds).map((name) => `${kind}.${name}`)),
    );
  });
});
