import assert from "node:assert/strict";
import { noGrad, ones, type Tensor, tensor } from "../../engine/index.ts";
import { hintPieces } from "../../extension/editor/hintText.ts";
import { tensorFacts } from "../../extension/editor/tensorFacts.ts";
import { goodResult, modelFile, type NameValue } from "./recordings.ts";

/** The hints of a program by line. */
function hintsOf(program: (named: NameValue) => void): Record<number, string> {
  const lines = goodResult(program).linesOf(modelFile);
  return Object.fromEntries(
    lines.map(({ line, tensors }) => [
      line,
      hintPieces(tensors)
        .map(({ text }) => text)
        .join(""),
    ]),
  );
}

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

describe("the hint behind a line", () => {
  it("says leaf, shape and the norm of the gradient", () => {
    const hints = hintsOf((named) => {
      const x = named(1, "x", () => leaf([1, 2, 3]));
      named(2, "y", () => x.mul(tensor([2, 3, 6])).sum()).backward();
    });
    assert.deepEqual(hints, { 1: "leaf [3] ‖∇‖ 7.000", 2: "non-leaf [] = 26.00" });
  });

  it("says that a norm is about that, and a hover of how many elements it was made, where there are too many to read all", () => {
    const program = (named: NameValue): void => {
      named(1, "x", () => ones(5_000_000, { requiresGrad: true }))
        .sum()
        .backward();
    };
    assert.deepEqual(hintsOf(program), { 1: "leaf [5000000] ‖∇‖ ≈ 2236" });
    const [x] = goodResult(program).tensors;
    assert.ok(x);
    assert.deepEqual(tensorFacts(x).at(-1), { label: "sampled", value: "1 element in 2", grad: "1 element in 2" });
  });

  it("says ∅ for a leaf that asked for a gradient and got none", () => {
    const hints = hintsOf((named) => {
      named(1, "x", () => leaf([1, 2]));
    });
    assert.deepEqual(hints, { 1: "leaf [2] ∅" });
  });

  it("says nothing of gradients where none was asked for", () => {
    const hints = hintsOf((named) => {
      named(1, "x", () => tensor([1, 2]));
    });
    assert.deepEqual(hints, { 1: "leaf [2]" });
  });

  it("says no grad for a result that was cut off", () => {
    const hints = hintsOf((named) => {
      const x = leaf([1, 2]);
      named(2, "a", () => x.detach());
      named(3, "b", () => noGrad(() => x.mul(2)));
    });
    assert.deepEqual(hints, { 2: "no grad [2]", 3: "no grad [2]" });
  });

  it("counts what is not finite", () => {
    const hints = hintsOf((named) => {
      const x = named(1, "x", () => leaf([-1, 0, 1]));
      named(2, "y", () => x.log());
    });
    assert.equal(hints[2], "non-leaf [3] 1 NaN, 1 Inf");
  });

  it("names the tensors when a line has two, and adds up more", () => {
    const hints = hintsOf((named) => {
      const a = named(1, "a", () => leaf(1));
      const b = named(1, "b", () => leaf(2));
      for (const name of ["c", "d", "e"]) named(2, name, () => leaf(3));
      a.mul(b).backward();
    });
    assert.deepEqual(hints, { 1: "a leaf [] ‖∇‖ 2.000 · b leaf [] ‖∇‖ 1.000", 2: "3 tensors" });
  });

  it("shows no invisible characters of a name", () => {
    const hints = hintsOf((named) => {
      named(1, "a\u202Eb", () => leaf(1));
      named(1, "c", () => leaf(1));
    });
    assert.equal(hints[1], "ab leaf [] ∅ · c leaf [] ∅");
  });
});
