import assert from "node:assert/strict";
import { wrapText } from "../../extension/cli/wrapText.ts";

describe("words in a narrow terminal", () => {
  it("are broken between words, with what follows further in", () => {
    const text = "first line\n  a sentence that is longer than it may be, by far";
    assert.equal(wrapText(text, 24), "first line\n  a sentence that is\n    longer than it may\n    be, by far");
  });

  it("stay whole where one alone is too long, or where there is no end to the width", () => {
    assert.equal(wrapText("see /a/very/long/path.ts:12 there", 12), "see\n  /a/very/long/path.ts:12\n  there");
    assert.equal(wrapText("x ".repeat(200), Number.POSITIVE_INFINITY), "x ".repeat(200));
  });

  it("are measured as they are seen: colours take no room, and Chinese letters twice as much", () => {
    assert.equal(wrapText("\u001b[2mone two\u001b[22m", 7), "\u001b[2mone two\u001b[22m");
    assert.equal(wrapText("\u001b[2m  one two", 6), "\u001b[2m  one\n    two");
    assert.equal(wrapText("\u001b[2m  /a/long/path.ts then", 8), "\u001b[2m  /a/long/path.ts\n    then");
    assert.equal(wrapText("张量 张量", 8), "张量\n  张量");
  });
});
