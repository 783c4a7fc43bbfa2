import assert from "node:assert/strict";
import { nursery, unwritten } from "../../engine/autograd/recycling.ts";
import type { Storage } from "../../engine/autograd/storage.ts";
import type { TypedArray } from "../../engine/base/dtype.ts";
import { autograd, noGrad, ones, type Tensor, tensor } from "../../engine/index.ts";

// From this many elements on, buffers of gradients serve again: whoever still held one would see other numbers in it.
const LARGE = nursery.least;
const PERIOD = 4;

/** Makes a tensor of the size that is asked for: the four values over and over. */
type Make = (a: number, b: number, c: number, d: number) => Tensor;

const maker =
  (size: number): Make =>
  (...values) =>
    tensor(Float32Array.from({ length: size }, (_, i) => values[i % PERIOD] as number));

const leafOf = (x: Tensor): Tensor => x.requiresGrad_();

/** Backwards of the same size that have nothing to do with what came before: they take whatever buffers are free. */
function otherPasses(make: Make): void {
  for (let i = 0; i < 3; i++) {
    const x = leafOf(make(-7, -8, -9, -10));
    x.mul(make(-3, -3, -3, -3))
      .exp()
      .mul(x.add(5))
      .sum()
      .backward();
  }
}

/**
 * Runs an elementwise program on four elements and on many: the results must be the same four numbers over and over.
 * `numbers` are those, where four elements may be as wrong as many.
 */
function sameAtEverySize(
  program: (make: Make) => readonly (Tensor | null | undefined)[],
  numbers?: readonly (readonly number[])[],
): void {
  const expected = program(maker(PERIOD)).map((x) => Array.from(x?.toArray() ?? []));
  for (const values of expected) assert.equal(values.length, PERIOD);
  if (numbers !== undefined) assert.deepEqual(expected, numbers);
  for (const size of [LARGE, LARGE + PERIOD]) {
    const results = program(maker(size));
    results.forEach((x, i) => {
      const values = x?.toArray() ?? [];
      assert.equal(values.length, size, `result ${i} has its elements`);
      const wrong = Array.from(values).findIndex((value, k) => value !== expected[i]?.[k % PERIOD]);
      assert.equal(wrong, -1, `result ${i} differs at element ${wrong}`);
    });
  }
}

describe("gradients of many elements are those of few", () => {
  it("of one leaf, also after later backwards", () => {
    sameAtEverySize(
      (make) => {
        const x = leafOf(make(1, 2, 3, 4));
        x.mul(make(5, 6, 7, 8))
          .sum()
          .backward();
        otherPasses(make);
        return [x.grad];
      },
      [[5, 6, 7, 8]],
    );
  });

  it("when one gradient goes to several leaves, and each .grad is changed afterwards", () => {
    sameAtEverySize(
      (make) => {
        const [a, b, c] = [leafOf(make(1, 2, 3, 4)), leafOf(make(5, 6, 7, 8)), leafOf(make(1, 1, 2, 2))];
        a.add(b)
          .add(c)
          .mul(make(2, 3, 4, 5))
          .mul(make(1, 2, 1, 2))
          .sum()
          .backward();
        a.grad?.mul_(10);
        b.grad?.add_(1);
        otherPasses(make);
        c.grad?.zero_();
        return [a.grad, b.grad, c.grad];
      },
      [
        [20, 60, 40, 100],
        [3, 7, 5, 11],
        [0, 0, 0, 0],
      ],
    );
  });

  it("when what leads to several leaves is held by an op that runs later, too", () => {
    sameAtEverySize((make) => {
      const [a, b] = [leafOf(make(1, 2, 3, 4)), leafOf(make(5, 6, 7, 8))];
      const early = a.mul(make(2, 2, 3, 3)).mul(make(1, 2, 3, 4));
      const late = b
        .mul(make(3, 1, 3, 1))
        .mul(make(2, 2, 2, 2))
        .mul(make(4, 3, 2, 1));
      early
        .add(late)
        .mul(make(5, 4, 3, 2))
        .sum()
        .backward();
      return [a.grad, b.grad];
    });
  });

  it("when a tensor is used often and its gradient is a sum of many", () => {
    sameAtEverySize((make) => {
      const x = leafOf(make(1, 2, 3, 4));
      const y = x.mul(make(2, 3, 2, 3));
      const z = y
        .mul(y)
        .add(y.mul(make(1, 2, 3, 4)))
        .add(y);
      z.add(x)
        .mul(make(1, -1, 2, -2))
        .sum()
        .backward();
      return [x.grad];
    });
  });

  it("accumulated over several backwards into the same .grad", () => {
    sameAtEverySize((make) => {
      const [x, w] = [leafOf(make(1, 2, 3, 4)), leafOf(make(4, 3, 2, 1))];
      for (let i = 1; i <= 3; i++) {
        x.mul(w).mul(i).sum().backward();
        const half = maker((x.shape[0] as number) / 2)(1, 2, 3, 4);
        leafOf(half).exp().sum().backward();
      }
      return [x.grad, w.grad];
    });
  });

  it("given by autograd.grad for inner tensors and leaves, and kept while others are computed", () => {
    sameAtEverySize((make) => {
      const x = leafOf(make(1, 2, 3, 4));
      const y = x.mul(make(2, 3, 4, 5));
      const z = y.mul(make(1, 2, 1, 2));
      const first = autograd.grad(z.mul(z).sum(), [z, y, x], { retainGraph: true });
      otherPasses(make);
      const second = autograd.grad(z.mul(3).sum(), [x, y]);
      otherPasses(make);
      return [...first, ...second];
    });
  });

  it("retained by tensors on the way, and changed there", () => {
    sameAtEverySize(
      (make) => {
        const x = leafOf(make(1, 2, 3, 4));
        const y = x.mul(make(2, 3, 4, 5));
        y.retainGrad();
        const z = y.mul(make(1, 2, 1, 2)).add(x);
        z.retainGrad();
        z.mul(make(3, 3, 1, 1))
          .sum()
          .backward();
        z.grad?.mul_(100);
        otherPasses(make);
        return [x.grad, y.grad, z.grad];
      },
      [
        [9, 21, 5, 11],
        [3, 6, 1, 2],
        [300, 300, 100, 100],
      ],
    );
  });

  it("kept by hooks of tensors and of nodes", () => {
    sameAtEverySize(
      (make) => {
        const kept: (Tensor | null)[] = [];
        const x = leafOf(make(1, 2, 3, 4));
        x.registerHook((g) => void kept.push(g));
        const y = x.mul(make(2, 3, 4, 5));
        y.gradFn?.registerHook((inputs, outputs) => void kept.push(inputs[0] ?? null, outputs[0] ?? null));
        y.gradFn?.registerPrehook((outputs) => void kept.push(outputs[0] ?? null));
        y.mul(make(1, 2, 1, 2))
          .sum()
          .backward();
        x.grad?.mul_(10);
        otherPasses(make);
        assert.equal(kept.length, 4);
        return [x.grad, ...kept];
      },
      [
        [20, 60, 40, 100],
        [1, 2, 1, 2],
        [2, 6, 4, 10],
        [1, 2, 1, 2],
        [2, 6, 4, 10],
      ],
    );
  });

  it("that hooks keep of nodes alone are nobody's .grad", () => {
    sameAtEverySize(
      (make) => {
        const kept: (Tensor | null)[] = [];
        const [x, w] = [leafOf(make(1, 2, 3, 4)), leafOf(make(4, 3, 2, 1))];
        const y = x.mul(make(2, 3, 4, 5));
        y.gradFn?.registerHook((inputs) => void kept.push(inputs[0] ?? null));
        const z = y.add(w);
        z.gradFn?.registerPrehook((outputs) => void kept.push(outputs[0] ?? null));
        z.gradFn?.nextFunctions[1]?.[0]?.registerPrehook((outputs) => void kept.push(outputs[0] ?? null));
        z.mul(make(1, 2, 1, 2))
          .sum()
          .backward();
        x.grad?.mul_(10);
        w.grad?.mul_(10);
        otherPasses(make);
        assert.equal(kept.length, 3);
        return [x.grad, w.grad, ...kept];
      },
      [
        [20, 60, 40, 100],
        [10, 20, 10, 20],
        [1, 2, 1, 2],
        [1, 2, 1, 2],
        [2, 6, 4, 10],
      ],
    );
  });

  it("that hooks give in place of others are nobody's .grad", () => {
    sameAtEverySize(
      (make) => {
        const mine = [make(1, 2, 3, 4), make(1, 2, 3, 4), make(1, 2, 3, 4)] as const;
        const [x, y, z] = [leafOf(make(1, 1, 1, 1)), leafOf(make(1, 1, 1, 1)), leafOf(make(1, 1, 1, 1))];
        x.registerHook(() => mine[0]);
        const after = y.neg();
        after.gradFn?.registerHook(() => [mine[1]]);
        const before = z.add(0);
        before.gradFn?.registerPrehook(() => [mine[2]]);
        x.mul(2).add(after).add(before).sum().backward();
        for (const leaf of [x, y, z]) leaf.grad?.mul_(10);
        otherPasses(make);
        return [x.grad, y.grad, z.grad, ...mine];
      },
      [
        [10, 20, 30, 40],
        [10, 20, 30, 40],
        [10, 20, 30, 40],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
    );
  });

  it("when they are windows on one another: reshaped, transposed, cut", () => {
    sameAtEverySize(
      (make) => {
        const [x, w] = [leafOf(make(1, 2, 3, 4)), leafOf(make(4, 3, 2, 1))];
        const square = x.reshape(2, -1).t();
        const other = w.reshape(2, -1).t();
        const both = square.add(other).t().reshape(-1);
        both
          .mul(make(1, 2, 3, 4))
          .sum()
          .backward({ retainGraph: true });
        x.grad?.mul_(10);
        const [kept] = autograd.grad(both.mul(make(1, 2, 3, 4)).sum(), square);
        otherPasses(make);
        return [x.grad, w.grad, kept.t().reshape(-1)];
      },
      [
        [10, 20, 30, 40],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
    );
  });

  it("of gradients, whose graphs keep what the first formulas made", () => {
    sameAtEverySize((make) => {
      const x = leafOf(make(1, 2, 3, 4));
      const [first] = autograd.grad(
        x
          .mul(x)
          .mul(x)
          .mul(make(1, 2, 1, 2))
          .sum(),
        x,
        { createGraph: true },
      );
      otherPasses(make);
      const [second] = autograd.grad(first.mul(first).sum(), x, { createGraph: true });
      otherPasses(make);
      const [third] = autograd.grad(second.sum(), x);
      return [first, second, third];
    });
  });

  it("beside tensors that the program makes between backwards, and gradients that it gave", () => {
    sameAtEverySize((make) => {
      const x = leafOf(make(1, 2, 3, 4));
      const y = x.mul(make(2, 3, 4, 5));
      const given = make(1, 2, 3, 4);
      y.backward(given);
      const between = noGrad(() => x.mul(7));
      const graph = x.mul(x);
      otherPasses(make);
      graph.backward(given);
      otherPasses(make);
      return [x.grad, between, given, graph];
    });
  });
});

interface Made {
  readonly storage: Storage;
  readonly values: TypedArray;
}

/** What formulas made while `run` ran, with the buffers they had. */
function madeBy(run: () => void): Made[] {
  const made: Made[] = [];
  const { young } = nursery;
  nursery.young = new (class extends Array<Storage> {
    override push(...storages: Storage[]): number {
      made.push(...storages.map((storage) => ({ storage, values: storage.values })));
      return super.push(...storages);
    }
  })();
  try {
    run();
  } finally {
    nursery.young = young;
  }
  return made;
}

const gone = ({ storage }: Made): boolean => storage.values.length === 0;
const left = (made: readonly Made[]): Storage[] => made.filter((each) => !gone(each)).map(({ storage }) => storage);

describe("buffers of gradients that nobody needs any more", () => {
  const make = maker(LARGE);

  it("are all given back but the one that becomes .grad", () => {
    const x = leafOf(make(1, 2, 3, 4));
    const made = madeBy(() =>
      x
        .mul(make(2, 3, 4, 5))
        .exp()
        .mul(make(1, 2, 1, 2))
        .sum()
        .backward(),
    );
    assert.equal(made.length, 3);
    assert.deepEqual(left(made), [x.grad?.storage]);
  });

  it("are all given back once .grad is there to be added to", () => {
    const x = leafOf(make(1, 2, 3, 4));
    x.grad = ones(LARGE);
    const made = madeBy(() =>
      x
        .mul(make(2, 3, 4, 5))
        .exp()
        .mul(make(1, 2, 1, 2))
        .sum()
        .backward(),
    );
    assert.equal(made.length, 3);
    assert.deepEqual(left(made), []);
  });

  it("are given back when a sum replaces its terms, and the sum is, too", () => {
    const x = leafOf(make(1, 2, 3, 4));
    const made = madeBy(() => {
      const y = x.mul(make(2, 3, 4, 5));
      y.exp()
        .mul(make(1, 2, 1, 2))
        .add(y.sin())
        .add(y.cos())
        .sum()
        .backward();
    });
    assert.ok(made.length >= 6);
    assert.deepEqual(left(made), [x.grad?.storage]);
  });

  it("are given back by the last of several ops that get the same gradient", () => {
    const [a, b] = [leafOf(make(1, 2, 3, 4)), leafOf(make(4, 3, 2, 1))];
    const made = madeBy(() =>
      a
        .exp()
        .add(b.sin())
        .mul(make(1, 2, 1, 2))
        .sum()
        .backward(),
    );
    const kept = left(made);
    assert.equal(kept.length, 2);
    assert.ok(kept.every((storage) => storage === a.grad?.storage || storage === b.grad?.storage));
  });

  it("are given back, too, when an op has several outputs and no gradient reaches the first", () => {
    const x = leafOf(maker(2 * LARGE)(1, 2, 3, 4));
    const made = madeBy(() => {
      const [, second] = x.mul(2).chunk(2) as [Tensor, Tensor];
      second
        .exp()
        .mul(make(1, 2, 1, 2))
        .sum()
        .backward();
    });
    assert.equal(made.filter(({ values }) => values.length === 2 * LARGE).length, 2);
    assert.deepEqual(left(made), [x.grad?.storage]);
  });

  it("serve tensors of their size until the second backward after, and are dropped then", () => {
    const size = LARGE + 12;
    const sized = maker(size);
    const x = leafOf(sized(1, 2, 3, 4));
    const run = (): void => {
      const y = x.mul(sized(2, 3, 4, 5));
      y.exp()
        .add(y.sin())
        .add(y.cos())
        .mul(sized(1, 2, 1, 2))
        .sum()
        .backward();
    };
    const freed = (): Set<ArrayBufferLike> =>
      new Set(
        madeBy(run)
          .filter(gone)
          .map(({ values }) => values.buffer),
      );
    const few = (): void => leafOf(ones(2)).mul(2).sum().backward();
    const kept = freed();
    few();
    for (let i = 0; i < 2; i++) assert.ok(kept.has(unwritten("float32", size).buffer));
    const dropped = freed();
    few();
    few();
    for (let i = 0; i < 2; i++) assert.ok(!dropped.has(unwritten("float32", size).buffer));
  });
});
