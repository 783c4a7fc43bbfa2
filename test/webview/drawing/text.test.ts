import assert from "node:assert/strict";
import fc from "fast-check";
import { displayName, shapeText, shortNumber } from "../../../engine/recording/layout/text.ts";

describe("names from the user's program", () => {
  it("stay as they are when they are ordinary", () => {
    assert.equal(displayName("fc1.weight"), "fc1.weight");
    assert.equal(displayName("重み λ"), "重み λ");
  });

  it("lose what would turn or hide the text around them", () => {
    assert.equal(displayName("\u202Egnp.exe\u202C"), "gnp.exe");
    assert.equal(displayName("a\u0000b\u200Bc\u2066d"), "abcd");
    assert.equal(displayName("two\nlines\tand more"), "two lines and more");
  });

  it("are cut with an ellipsis, between characters and never inside one", () => {
    assert.equal(displayName("n".repeat(4000)).length, 28);
    assert.equal(displayName("🙂".repeat(40), 4), "🙂🙂🙂…");
  });

  it("are never empty", () => {
    assert.equal(displayName(""), "·");
    assert.equal(displayName("\u200F\u200E"), "·");
  });

  it("never hold a control or a direction mark, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
        const shown = displayName(name);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.ok([...shown].length <= 28 && shown !== "");
      }),
    );
  });
});

describe("shapes and numbers", () => {
  it("writes a shape in brackets and shortens one of many dimensions", () => {
    assert.equal(shapeText([64, 10]), "[64, 10]");
    assert.equal(shapeText([]), "[]");
    assert.equal(shapeText([1, 2, 3, 4, 5, 6, 7, 8]), "[1, 2, 3, …, 7, 8]");
  });

  it("writes four significant digits, with a real minus", () => {
    const numbers: [number, string][] = [
      [0.00314159, "0.003142"],
      [44, "44"],
      [-7, "−7"],
      [1.2e-7, "1.2e−7"],
      [123456789, "1.235e8"],
      [2.5, "2.500"],
      [0, "0"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Inf"],
      [Number.NEGATIVE_INFINITY, "−Inf"],
    ];
    for (const [value, text] of numbers) assert.equal(shortNumber(value), text);
  });
});
