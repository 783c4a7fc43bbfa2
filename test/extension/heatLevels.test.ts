import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { heatLevels, hottest, levelOf } from "../../extension/editor/heatLevels.ts";
import { inProject } from "../../scripts/project.ts";

describe("the steps of gradient sizes", () => {
  const cases: readonly [heat: number, level: string | null][] = [
    [-1, "vanishing"],
    [-0.5, "low"],
    [0, "median"],
    [0.5, "high"],
    [1, "exploding"],
    [Number.POSITIVE_INFINITY, "nonfinite"],
    [Number.NaN, null],
  ];
  for (const [heat, level] of cases)
    it(`have ${level ?? "none"} for ${heat}`, () => assert.equal(levelOf(heat), level));

  it("show of several tensors the one farthest from the median", () => {
    assert.equal(hottest([0.1, -0.9, Number.NaN, 0.5]), -0.9);
    assert.equal(hottest([-1, Number.POSITIVE_INFINITY]), Number.POSITIVE_INFINITY);
    assert.ok(Number.isNaN(hottest([])));
  });

  it("each have a theme colour", () => {
    const { contributes } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
    const ids = contributes.colors.map(({ id }: { id: string }) => id);
    assert.deepEqual(heatLevels.map((level) => `gradlens.heat.${level}`).sort(), ids.sort());
  });
});
