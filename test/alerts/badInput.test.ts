import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Alert } from "../../engine/recording/queries/alerts.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { inCache } from "../../scripts/project.ts";
import { Bench, type Told } from "./programs.ts";

/** What an alert is about: its kind, line and cause. */
const inBrief = ({ kind, place, origin }: Alert): unknown[] => [kind, place?.line, origin?.cause];

describe("alerts of programs that are too much", function () {
  this.timeout(120_000);
  const bench = new Bench();
  after(() => bench.dispose());

  async function told(lines: readonly string[]): Promise<Told> {
    const file = path.join(inCache("too-much"), "model.ts");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.join("\n"));
    return bench.run({ name: "model", file, expected: [] });
  }

  it("with 10,000 faults in as many lines are cut off, and the last one says how many more there are", async () => {
    const faults = Array.from({ length: 10_000 }, () => "x.log();");
    const { alerts, outcome } = await told(['import { tensor } from "gradlens"; const x = tensor(-1);', ...faults]);
    assert.equal(outcome.kind, "ok", JSON.stringify(outcome));
    assert.equal(alerts.length, 101);
    assert.deepEqual(
      alerts.slice(0, 100).map(({ place }) => place?.line),
      Array.from({ length: 100 }, (_, i) => i + 2),
    );
    assert.match(alerts.at(-1)?.message ?? "", /^9900 more alerts are not shown: 9900 nan/);
    assert.equal(alerts.at(-1)?.severity, "info");
  });

  it("with 10,000 faults in one line are one, with their number", async () => {
    const { alerts } = await told([
      'import { tensor } from "gradlens";',
      "for (let i = 0; i < 10_000; i++)",
      "  tensor(0, { requiresGrad: true }).log().backward();",
    ]);
    assert.deepEqual(
      alerts.map(({ kind, place, count }) => [kind, place?.line, count]),
      [["inf", 3, 10_000]],
    );
  });

  it("with names of 4,000 characters name them by their beginnings", async () => {
    const name = "w".repeat(4000);
    const { alerts, recording } = await told([
      'import { tensor } from "gradlens";',
      `const ${name} = tensor([0, 1], { requiresGrad: true });`,
      `${name}.sqrt().sum().backward();`,
    ]);
    const [alert] = alerts;
    assert.equal(alert?.kind, "inf");
    assert.match(alert.message, /gradient of `w{60,100}…`/);
    assert.ok(alert.message.length < 300, String(alert.message.length));
    assert.equal(namedTensors(recording)[0]?.name, name);
  });

  it("with a tensor of 100,000,000 elements are told as others are", async () => {
    const { alerts, recording, outcome } = await told([
      'import { zeros } from "gradlens";',
      "const w = zeros(1, { requiresGrad: true });",
      "const big = w.expand(100_000_000);",
      "const root = big.select(0, 0).sqrt();",
      "root.backward();",
    ]);
    assert.equal(outcome.kind, "ok", JSON.stringify(outcome));
    assert.deepEqual(alerts.map(inBrief), [["inf", 4, "sqrt-grad-at-zero"]]);
    const big = namedTensors(recording).find(({ name }) => name === "big");
    assert.deepEqual(big?.shape, [100_000_000]);
    assert.equal(big.value?.numel, 100_000_000);
  });

  it("with 100,000,000 numbers that ops made, and as many of their gradient, come to their end and are told", async () => {
    const { alerts, recording, outcome } = await told([
      'import { ones } from "gradlens";',
      "const big = ones(100_000_000).requiresGrad_(true);",
      "const root = big.mul(-2).mean().log();",
      "root.backward();",
    ]);
    assert.equal(outcome.kind, "ok", JSON.stringify(outcome));
    assert.deepEqual(alerts.map(inBrief), [["nan-loss", 3, "log-of-nonpositive"]]);
    const big = namedTensors(recording).find(({ name }) => name === "big");
    assert.ok(big?.grad);
    // The norm of the sample: −2 / 10⁸ / −2 at each of 10⁸ elements is 10⁻⁴.
    assert.ok(Math.abs(big.grad.norm - 1e-4) < 1e-6, String(big.grad.norm));
  });
});
