import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { arange, manualSeed, nn, type Tensor, tensor, utils, zeros } from "../../../engine/index.ts";

const { load, loadFile, loadMetadata, save, saveFile } = utils.safetensors;

/** A file by the format's description: the length of the header, the header, the data. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(text.length & 255, text.length >> 8, 0, 0, 0, 0, 0, 0, ...text, ...data);
}

/** 1.0 and −2.0 as float32: 0x3f800000 and 0xc0000000, the lowest byte first. */
const ONE = [0, 0, 0x80, 0x3f];
const MINUS_TWO = [0, 0, 0, 0xc0];

const one = (dtype: string, size: number) => `{"x":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,${size}]}}`;

describe("safetensors", () => {
  it("writes the bytes that the format describes", () => {
    const bytes = save({ weight: tensor([[1, -2]]) });
    // Spaces fill the header up to the next multiple of 8.
    const header = '{"weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(64);
    assert.deepEqual([...bytes], [...file(padded, [...ONE, ...MINUS_TWO])]);
  });

  it("writes metadata first, then tensors by type and name as Python's library does", () => {
    const bytes = save(
      {
        b: tensor([1, 2]),
        "10": tensor([true, false]),
        a: tensor([3]),
        n: tensor([-1], { dtype: "int64" }),
        d: tensor(0.5, { dtype: "float64" }),
        i: tensor([258], { dtype: "int32" }),
      },
      { metadata: { format: "pt" } },
    );
    const header =
      '{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"b":{"dtype":"F32","shape":[2],"data_offsets":[20,28]},' +
      '"i":{"dtype":"I32","shape":[1],"data_offsets":[28,32]},"10":{"dtype":"BOOL","shape":[2],"data_offsets":[32,34]}}';
    const length = Math.ceil(header.length / 8) * 8;
    assert.equal(new TextDecoder().decode(bytes.subarray(8, 8 + length)), header.padEnd(length));
    assert.deepEqual(
      [...bytes.subarray(8 + length)],
      [
        ...[255, 255, 255, 255, 255, 255, 255, 255],
        ...[0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
        ...[0, 0, 0x40, 0x40, ...ONE, 0, 0, 0, 0x40],
        ...[2, 1, 0, 0],
        ...[1, 0],
      ],
    );
  });

  it("reads a file written by hand, its metadata, and elements of every type", () => {
    const header =
      '{"__metadata__":{"made by":"hand"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"none":{"shape":[0,3],"data_offsets":[8,8],"dtype":"F32"}}  ';
    const bytes = file(header, [...ONE, ...MINUS_TWO]);
    const { w, none } = load(bytes) as { w: Tensor; none: Tensor };
    assert.deepEqual([w.dtype, w.tolist(), none.shape], ["float32", [[1], [-2]], [0, 3]]);
    assert.deepEqual(loadMetadata(bytes), { "made by": "hand" });
    const cases: [string, number[], string, number | boolean][] = [
      ["BOOL", [1], "bool", true],
      ["U8", [200], "int32", 200],
      ["I8", [0xff], "int32", -1],
      ["U16", [0xff, 0xff], "int32", 65535],
      ["I16", [0xfe, 0xff], "int32", -2],
      ["U32", [0xff, 0xff, 0xff, 0xff], "int64", 4294967295],
      ["I32", [0, 0, 0, 0x80], "int32", -2147483648],
      ["U64", [1, 0, 0, 0, 1, 0, 0, 0], "int64", 4294967297],
      ["I64", [0xfd, ...new Array<number>(7).fill(0xff)], "int64", -3],
      ["F16", [0x00, 0x3e], "float32", 1.5],
      ["F16", [0x01, 0x80], "float32", -(2 ** -24)],
      ["F16", [0x00, 0xfc], "float32", Number.NEGATIVE_INFINITY],
      ["F16", [0x01, 0x7c], "float32", Number.NaN],
      ["BF16", [0x49, 0xc0], "float32", -3.140625],
      ["F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], "float64", 1],
    ];
    for (const [dtype, data, expectedType, value] of cases) {
      const { x } = load(file(one(dtype, data.length), data)) as { x: Tensor };
      assert.deepEqual([x.dtype, x.tolist()], [expectedType, [value]], dtype);
    }
  });

  it("gives back what was saved: every dtype, views, empty and 0-d tensors, names in any script", () => {
    const tensors = {
      "层.0": arange(6).reshape(2, 3).t(),
      empty: zeros(0, 2),
      scalar: tensor(Number.POSITIVE_INFINITY, { dtype: "float64" }),
      flags: tensor([true, false, true]),
      __proto: tensor([1]),
      'quoted "\\\n': tensor([2 ** 53 - 1, -(2 ** 53 - 1)], { dtype: "int64" }),
    };
    const back = load(save(tensors));
    assert.deepEqual(Object.keys(back).sort(), Object.keys(tensors).sort());
    for (const [name, x] of Object.entries(tensors)) {
      const y = back[name] as Tensor;
      assert.deepEqual([y.dtype, y.shape, y.tolist()], [x.dtype, x.shape, x.tolist()], name);
    }
  });

  it("carries a module to another one through a file", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "safetensors-"));
    try {
      manualSeed(1);
      const net = (): nn.Sequential =>
        new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 1));
      const [from, to] = [net(), net()];
      const name = path.join(folder, "net.safetensors");
      saveFile(from.stateDict(), name);
      to.loadStateDict(loadFile(name));
      assert.deepEqual(to.stateDict()["0.weight"]?.tolist(), from.stateDict()["0.weight"]?.tolist());
      assert.deepEqual([...readFileSync(name)], [...save(to.stateDict())]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses what is no such file, and says why", () => {
    const data = [...ONE];
    const good = one("F32", 4);
    const refused: [Uint8Array, RegExp][] = [
      [Uint8Array.of(1, 2, 3), /3 bytes, fewer than the length of a header/],
      [Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0), /its header would have/],
      [Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0), /ends before its header/],
      [file(" {}"), /does not begin with \{/],
      [file("{"), /its header is not JSON/],
      [file('{"__metadata__":{"a":1}}'), /__metadata__ may only hold texts/],
      [file('{"x":null}'), /of tensor 'x' it must say dtype, shape and data_offsets/],
      [file('{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', data), /must say dtype, shape/],
      [file(one("F8_E4M3", 1), [0]), /dtype F8_E4M3; known are BOOL/],
      [file(one("toString", 1), [0]), /dtype toString; known/],
      [file(one("F32", 3), [0, 0, 0]), /needs 4 bytes, but has \[0, 3\]/],
      [file(good, [...data, 0]), /its tensors need 4 bytes, but it has 5/],
      [file(good, []), /its tensors need 4 bytes, but it has 0/],
      [
        file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', [...data, ...data]),
        /begins at byte 4 of the data, not at 0/,
      ],
      [file(one("I64", 8), [1, 0, 0, 0, 0, 0, 0x20, 0]), /integers beyond 2\^53/],
    ];
    for (const [bytes, why] of refused) {
      assert.throws(() => load(bytes), { name: "ArgumentError", message: why });
    }
    assert.throws(() => save({ a: 1 as never }), /'a' is not a tensor, but number/);
    assert.throws(() => save({ __metadata__: tensor([1]) }), /keeps that name/);
    assert.throws(() => save({}, { metdata: {} } as never), /Did you mean 'metadata'/);
  });
});
