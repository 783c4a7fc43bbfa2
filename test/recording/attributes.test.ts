import assert from "node:assert/strict";
import { AttributeTexts } from "../../engine/recording/watching/attributes.ts";

describe("attributes of recorded ops", () => {
  it("are numbers, strings, booleans and short lists of numbers, and nothing else", () => {
    const texts = new AttributeTexts();
    const long = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const attrs = {
      dim: [0, -1],
      keepdim: true,
      p: Number.NaN,
      mode: 'a"b',
      deep: {},
      long,
      mixed: [1, "a"],
      none: null,
    };
    assert.equal(texts.of("op", attrs), '{"dim":[0,-1],"keepdim":true,"p":null,"mode":"a\\"b"}');
    for (const nothing of [null, undefined, 3, {}, { deep: {} }]) assert.equal(texts.of("op", nothing), "");
  });

  it("are those of this call, whatever those of the calls before were", () => {
    const texts = new AttributeTexts();
    const dim = [1, 2];
    const calls: [string, object, string][] = [
      ["sum", { dim, keepdim: false }, '{"dim":[1,2],"keepdim":false}'],
      ["mean", { dim, keepdim: false }, '{"dim":[1,2],"keepdim":false}'],
      ["sum", { dim, keepdim: true }, '{"dim":[1,2],"keepdim":true}'],
      ["sum", { dim }, '{"dim":[1,2]}'],
      ["sum", { dim, keepdim: true }, '{"dim":[1,2],"keepdim":true}'],
      ["sum", { axis: [1, 2], keepdim: true }, '{"axis":[1,2],"keepdim":true}'],
      ["sum", { dim: 1, keepdim: true }, '{"dim":1,"keepdim":true}'],
      ["sum", { dim: [2, 1], keepdim: true }, '{"dim":[2,1],"keepdim":true}'],
      ["sum", { dim: [2, 1, 0], keepdim: true }, '{"dim":[2,1,0],"keepdim":true}'],
    ];
    for (const [op, attrs, text] of calls) for (let i = 0; i < 2; i++) assert.equal(texts.of(op, attrs), text);
    assert.equal(texts.of("sum", { dim }), '{"dim":[1,2]}');
    dim[1] = 0;
    assert.equal(texts.of("sum", { dim }), '{"dim":[1,0]}', "also in a list that was written to since");
  });
});
