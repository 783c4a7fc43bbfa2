import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rules } from "../../engine/recording/queries/alerts.ts";
import { alertDocument } from "../../scripts/alertDocument.ts";
import { Bench, isExpected, programs, runAll, type Told } from "./programs.ts";

describe("alerts of small programs", function () {
  this.timeout(300_000);
  let measured: { readonly wrong: readonly Told[]; readonly right: readonly Told[] } | undefined;
  const of = (name: string): Told => {
    const found = [...(measured?.wrong ?? []), ...(measured?.right ?? [])].find((told) => told.name === name);
    return found ?? assert.fail(`${name} was not run`);
  };

  before(async () => {
    const bench = new Bench();
    measured = await runAll(bench).finally(() => bench.dispose());
  });

  describe("with one fault", () => {
    for (const { name, expected } of programs("wrong")) {
      const [first] = expected;
      it(`tell ${first?.kind} ${first?.cause ?? ""} of ${name}, and nothing else`, () => {
        const { alerts } = of(name);
        const told = alerts.map(({ kind, place, origin }) => [kind, place?.line, origin?.cause ?? null]);
        for (const one of expected)
          assert.ok(
            alerts.some((alert) => isExpected(alert, one)),
            JSON.stringify(told),
          );
        assert.equal(alerts.length, expected.length, JSON.stringify(told));
      });
    }
  });

  describe("that are right and look alike", () => {
    for (const { name } of programs("right")) {
      it(`tell nothing of ${name}`, () => {
        const { alerts, outcome } = of(name);
        assert.equal(outcome.kind, "ok", JSON.stringify(outcome));
        assert.deepEqual(
          alerts.map(({ kind, place, message }) => [kind, place?.line, message]),
          [],
        );
      });
    }
  });

  it("are as docs/alerts.md says: run npm run docs", () => {
    const file = path.resolve(import.meta.dirname, "../../docs/alerts.md");
    assert.ok(measured);
    assert.equal(readFileSync(file, "utf8"), alertDocument(measured));
  });

  it("have a fixture for every kind, and 40 programs of each sort at least", () => {
    const wrong = programs("wrong");
    assert.ok(wrong.length >= 40 && programs("right").length >= 40);
    const kinds = new Set(wrong.flatMap(({ expected }) => expected.map(({ kind }) => kind)));
    const elsewhere = ["gradcheck", "import-cycle", "autograd-error"];
    assert.deepEqual(
      rules.map(({ kind }) => kind).filter((kind) => !kinds.has(kind) && !elsewhere.includes(kind)),
      [],
    );
  });
});
