import assert from "node:assert/strict";
import { autograd, nn, type Tensor, tensor } from "../../engine/index.ts";

// Most of these tests are read by the compiler: with other types, `npm run check` fails.
describe("types that a user's editor shows", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const w = tensor([3, 4], { requiresGrad: true });
  const dot = (): Tensor => x.mul(w).sum();

  it("autograd.grad gives a tensor per input, never null", () => {
    const [one]: [Tensor] = autograd.grad(dot(), x);
    const [dx, dw]: [Tensor, Tensor] = autograd.grad(dot(), [x, w], { createGraph: true });
    const model = new nn.Linear(2, 1);
    const all: Tensor[] = autograd.grad(model.forward(x).sum(), model.parameters());
    const [zeros]: [Tensor] = autograd.grad(x.sum(), [w], { allowUnused: true, materializeGrads: true });
    assert.deepEqual(
      [one, dx, dw, zeros].map((g) => g.tolist()),
      [
        [3, 4],
        [3, 4],
        [1, 2],
        [0, 0],
      ],
    );
    assert.equal(all.length, 2);
  });

  it("autograd.grad gives null where an input may be unused", () => {
    const [unused]: [Tensor | null] = autograd.grad(x.sum(), w, { allowUnused: true });
    assert.equal(unused, null);
    // @ts-expect-error may be null
    const refused = (): Tensor => autograd.grad(x.sum(), [w], { allowUnused: true })[0];
    assert.equal(refused(), null);
    const maybe: boolean = x.requiresGrad;
    const unknown: [Tensor | null] = autograd.grad(x.sum(), w, { allowUnused: maybe });
    assert.deepEqual(unknown, [null]);
  });
});
