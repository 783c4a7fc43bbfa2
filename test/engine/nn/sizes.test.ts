import assert from "node:assert/strict";
import { F, GradlensError, nn, randn, type Tensor, tensor } from "../../../engine/index.ts";

/** What a person may hand over by mistake where a size belongs. */
const never: readonly unknown[] = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", [1.5, 2], true, tensor(2)];
const images = (dims: number): Tensor => randn([2, 4, ...new Array<number>(dims).fill(8)]);

type Call = (size: never) => unknown;

function made(name: string, ...before: unknown[]): Call {
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => unknown>)[name];
  assert.ok(Class, name);
  return (size) => new Class(...before, size);
}

function option(name: string, key: string, ...before: unknown[]): Call {
  return (size) => made(name, ...before)({ [key]: size } as never);
}

function functional(name: string, ...before: unknown[]): Call {
  const call = (F as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
  assert.ok(call, name);
  return (size) => call(...before, size);
}

const calls = new Map<string, Call>();
for (const d of [1, 2, 3]) {
  for (const kind of ["AvgPool", "MaxPool", "AdaptiveAvgPool", "AdaptiveMaxPool"]) {
    calls.set(`nn.${kind}${d}d`, made(`${kind}${d}d`));
    calls.set(`F.${kind}${d}d`, functional(`${kind[0]?.toLowerCase()}${kind.slice(1)}${d}d`, images(d)));
  }
  calls.set(`nn.MaxUnpool${d}d`, made(`MaxUnpool${d}d`));
  calls.set(`nn.LPPool${d}d`, made(`LPPool${d}d`, 2));
  for (const key of ["stride", "padding", "dilation"])
    calls.set(`nn.MaxPool${d}d ${key}`, option(`MaxPool${d}d`, key, 2));
  for (const kind of [`Conv${d}d`, `ConvTranspose${d}d`]) {
    calls.set(`nn.${kind} inChannels`, (size) => made(kind)(...([size, 4, 3] as unknown as [never])));
    calls.set(`nn.${kind} outChannels`, (size) => made(kind, 4)(...([size, 3] as unknown as [never])));
    calls.set(`nn.${kind} kernelSize`, made(kind, 4, 4));
    for (const key of ["stride", "padding", "dilation", "groups"])
      calls.set(`nn.${kind} ${key}`, option(kind, key, 4, 4, 3));
  }
  calls.set(`nn.BatchNorm${d}d`, made(`BatchNorm${d}d`));
  calls.set(`nn.InstanceNorm${d}d`, made(`InstanceNorm${d}d`));
}
calls.set("nn.GroupNorm groups", (size) => new nn.GroupNorm(size, 4));
calls.set("nn.GroupNorm channels", made("GroupNorm", 1));
calls.set("F.groupNorm", functional("groupNorm", images(2)));
for (const name of ["LayerNorm", "RMSNorm", "LocalResponseNorm"]) calls.set(`nn.${name}`, made(name));
for (const name of ["layerNorm", "rmsNorm", "localResponseNorm"]) calls.set(`F.${name}`, functional(name, images(2)));
for (const name of ["unfold", "pixelUnshuffle", "channelShuffle"]) calls.set(`F.${name}`, functional(name, images(2)));
calls.set("nn.Linear", (size) => new nn.Linear(size, 2));
calls.set("nn.Embedding", (size) => new nn.Embedding(size, 2));
calls.set("nn.EmbeddingBag", (size) => new nn.EmbeddingBag(size, 2));
calls.set("nn.LSTM input", (size) => new nn.LSTM(size, 2));
calls.set("nn.LSTM hidden", (size) => new nn.LSTM(2, size));
calls.set("nn.GRU layers", made("GRU", 2, 2));
calls.set("nn.LSTMCell", (size) => new nn.LSTMCell(size, 2));
calls.set("nn.MultiheadAttention", made("MultiheadAttention", 4));
calls.set("nn.PReLU", made("PReLU"));
calls.set("F.interpolate", (size) => F.interpolate(images(2), { size }));
calls.set("F.oneHot", (size) => F.oneHot(tensor([0, 1], { dtype: "int64" }), size === -1 ? (-2 as never) : size));

describe("sizes that can't be", () => {
  for (const [name, call] of calls) {
    it(`are refused by ${name}, in words`, () => {
      for (const size of never) {
        assert.throws(
          () => call(size as never),
          (error) => error instanceof GradlensError && error.message.length > 20,
          `${name}: ${String(size)}`,
        );
      }
    });
  }

  it("are told with what was given", () => {
    assert.throws(
      () => new nn.MaxPool2d(0),
      /MaxPool2d\(\): kernelSize must be a whole number greater than 0, but got 0/,
    );
    assert.throws(
      () => new nn.Conv2d(1, 1, 3, { padding: -1 }),
      /padding must be a whole number from 0 on, but got -1/,
    );
    assert.throws(() => new nn.AvgPool2d([2, "3"] as never), /kernelSize .* but got "3"/);
    assert.throws(() => new nn.BatchNorm2d(tensor(3) as never), /numFeatures .* but got a Tensor/);
  });

  it("are refused where the tensor has other dimensions or channels", () => {
    const x = randn(3);
    for (const call of [
      () => F.maxPool2d(x, 2),
      () => F.avgPool1d(x, 2),
      () => F.adaptiveAvgPool3d(x, 1),
      () => F.lpPool2d(x, 2, 2),
      () => F.conv2d(x, randn(1, 1, 2, 2)),
      () => F.convTranspose1d(x, randn(1, 1, 2)),
      () => F.conv2d(randn(1, 3, 5, 5), randn(2, 4, 3, 3)),
      () => new nn.Conv2d(3, 4, 3).forward(randn(1, 2, 8, 8)),
      () => new nn.BatchNorm2d(3).forward(randn(1, 2, 8, 8)),
      () => new nn.BatchNorm2d(3).forward(randn(2, 3)),
      () => new nn.InstanceNorm1d(3).forward(x),
      () => new nn.GroupNorm(2, 4).forward(randn(1, 3, 8)),
      () => new nn.LayerNorm(4).forward(randn(2, 3)),
      () => F.localResponseNorm(x, 2),
      () => new nn.Linear(2, 3).forward(x),
      () => F.batchNorm(randn(2, 3), randn(2), randn(3)),
    ]) {
      assert.throws(call, GradlensError, call.toString());
    }
  });
});
