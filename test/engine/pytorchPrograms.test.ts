import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

/** Programs as a PyTorch user writes them; each gives the numbers that the same program gives there after the same seed. */
const folder = new URL("../fixtures/pytorch/programs/", import.meta.url);
const numbers = JSON.parse(readFileSync(new URL("numbers.json", folder), "utf8")) as Readonly<Record<string, number[]>>;

describe("a program written for PyTorch gives its numbers", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const name = file.slice(0, -3);
    it(name.slice(3).replaceAll("-", " "), async () => {
      const { default: found } = (await import(new URL(file, folder).href)) as { readonly default: number[] };
      const expected = numbers[name] ?? assert.fail("PyTorch's numbers are missing");
      assert.equal(found.length, expected.length);
      found.forEach((x, i) => {
        const y = expected[i] as number;
        assert.ok(Math.abs(x - y) <= 2e-5 * Math.max(1e-2, Math.abs(y)), `number ${i}: ${x}, but PyTorch has ${y}`);
      });
    });
  }
});
