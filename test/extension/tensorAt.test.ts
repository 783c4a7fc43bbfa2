import assert from "node:assert/strict";
import { tensor } from "../../engine/index.ts";
import { nameAt, parametersOf, tensorNamed } from "../../extension/editor/tensorAt.ts";
import { goodResult } from "./recordings.ts";

describe("the name under the pointer", () => {
  const line = "const y = this.fc.weight.mul(layers[0].x);";

  const cases: readonly [column: number, name: string | null][] = [
    [6, "y"],
    [11, "this"],
    [15, "this.fc"],
    [20, "this.fc.weight"],
    [26, "this.fc.weight.mul"],
    [31, "layers"],
    [38, "layers[0]"],
    [39, "layers[0].x"],
    [8, null],
    [42, null],
  ];
  for (const [column, name] of cases) {
    it(`is ${name ?? "nothing"} at column ${column}`, () => assert.equal(nameAt(line, column), name));
  }

  it("may have letters of any alphabet", () => assert.equal(nameAt("const größe = 1;", 8), "größe"));
});

describe("the tensor that a name means", () => {
  const { tensors } = goodResult((named) => {
    named(2, "x", () => tensor(1));
    named(9, "x", () => tensor(2));
    named(4, "this.scale", () => tensor(3));
  });
  const lineOf = (name: string, line: number) => tensorNamed(tensors, name, line)?.place?.line;

  it("is the one last named above", () => {
    assert.equal(lineOf("x", 5), 2);
    assert.equal(lineOf("x", 20), 9);
  });
  it("is the one of the line itself", () => assert.equal(lineOf("x", 9), 9));
  it("is any of that name when none stands above", () => assert.equal(lineOf("x", 1), 2));
  it("is a field with or without this", () => assert.equal(lineOf("this.scale", 5), 4));
  it("is nothing for a name that no tensor has", () => assert.equal(lineOf("z", 5), undefined));

  it("can be a module, which stands for its parameters", () => {
    const [one] = tensors;
    assert.ok(one);
    const parameters = ["net.fc.weight", "net.fc.bias", "net.out.weight"].map((module) => ({ ...one, module }));
    assert.deepEqual(
      parametersOf(parameters, "this.fc").map(({ module }) => module),
      ["net.fc.weight", "net.fc.bias"],
    );
    assert.equal(parametersOf(parameters, "net").length, 3);
  });
});
