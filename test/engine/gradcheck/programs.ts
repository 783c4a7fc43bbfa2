import { type GradcheckReport, observe } from "../../../engine/autograd/observer.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { SilentObserver } from "../../../engine/gradcheck/blame/tape.ts";
import type { GradcheckOptions } from "../../../engine/gradcheck/gradcheck.ts";
import {
  autograd,
  cat,
  checkpoint,
  F,
  gradcheck,
  gradgradcheck,
  manualSeed,
  nn,
  noGrad,
  randn,
  type Tensor,
  tensor,
  where,
} from "../../../engine/index.ts";

type Ctx = autograd.FunctionCtx;
type Checked = Parameters<typeof gradcheck>[0];

/** A function with inputs to check it at, and what is wrong with it; null means that the check must pass. */
export interface GradcheckProgram {
  readonly title: string;
  readonly cause: GradcheckReport["cause"] | "unknown";
  /** The op to blame; null when nothing is. */
  readonly blame: string | null;
  readonly run: () => unknown;
}

/** Runs a program and gives the report of its one check. */
export function reportOf({ run }: Pick<GradcheckProgram, "run">): GradcheckReport {
  const reports: GradcheckReport[] = [];
  const observer = Object.assign(new SilentObserver(), {
    gradcheck: (report: GradcheckReport) => reports.push(report),
  });
  const before = observe(observer);
  const warned = setWarningHandler(() => {});
  try {
    run();
  } finally {
    observe(before);
    setWarningHandler(warned);
  }
  const [report] = reports;
  if (report === undefined) throw new Error("the program makes no gradcheck");
  return report;
}

/** Input that requires grad, in double precision. */
export const double = (data: number | number[] | number[][]): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad: true });
/** A tensor of numbers that requires no grad. */
export const fixed = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "float64" });
/** Three elements to check at. */
export const vector = (): Tensor => double([0.6, -1.3, 2.1]);
const matrix = (): Tensor =>
  double([
    [0.5, -1.2, 0.7],
    [1.9, 0.3, -0.4],
  ]);
const square = (): Tensor =>
  double([
    [0.5, -1.2],
    [1.9, 0.3],
  ]);

/** A custom Function of one tensor, from two formulas. */
export function custom(
  name: string,
  forward: (x: Tensor) => Tensor,
  backward: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const made = {
    [name]: class extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        const y = forward(x);
        ctx.saveForBackward(x, y);
        return y;
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        const [x, y] = ctx.savedTensors as [Tensor, Tensor];
        return backward(g, x, y);
      }
    },
  };
  const cls = made[name] as { apply(x: Tensor): Tensor };
  return (x) => cls.apply(x);
}

/** A custom Function of two tensors. */
export function custom2(
  name: string,
  forward: (a: Tensor, b: Tensor) => Tensor,
  backward: (g: Tensor, a: Tensor, b: Tensor) => readonly (Tensor | null)[],
): (a: Tensor, b: Tensor) => Tensor {
  const made = {
    [name]: class extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        ctx.saveForBackward(a, b);
        return forward(a, b);
      }
      static backward(ctx: Ctx, g: Tensor): readonly (Tensor | null)[] {
        const [a, b] = ctx.savedTensors as [Tensor, Tensor];
        return backward(g, a, b);
      }
    },
  };
  const cls = made[name] as { apply(a: Tensor, b: Tensor): Tensor };
  return (a, b) => cls.apply(a, b);
}

const quiet = { raiseException: false } as const;
/** A gradcheck that gives false rather than throw. */
export const check =
  (fn: Checked, inputs: () => readonly Tensor[], options: GradcheckOptions = {}) =>
  () =>
    gradcheck(fn, inputs(), { ...quiet, ...options });
/** The same of gradgradcheck. */
export const checkTwice = (fn: Checked, inputs: () => readonly Tensor[]) => () =>
  gradgradcheck(fn, inputs(), null, quiet);

const sin = custom(
  "Sine",
  (x) => x.sin(),
  (g, x) => g.mul(x.cos()),
);
/** A cosine that lacks the minus of its derivative. */
export const negatedCos = custom(
  "NegatedCosine",
  (x) => x.cos(),
  (g, x) => g.mul(x.sin()),
);
const halfSquare = custom(
  "Square",
  (x) => x.mul(x),
  (g, x) => g.mul(x),
);
const cube = custom(
  "Cube",
  (x) => x.pow(3),
  (g, x) => g.mul(x).mul(3),
);
const matmul = custom2(
  "Product",
  (a, b) => a.matmul(b),
  (g, a, b) => [g.matmul(b.t()), a.t().matmul(g)],
);
const untransposed = custom2(
  "Untransposed",
  (a, b) => a.matmul(b),
  (g, a, b) => [g.matmul(b), a.t().matmul(g)],
);
const affineOneRow = custom2(
  "AddBias",
  (x, b) => x.add(b),
  (g) => [g, g.select(0, 0)],
);
const forgetsQuotient = custom2(
  "Quotient",
  (a, b) => a.div(b),
  (g, _a, b) => [g.div(b), null],
);
const softmaxDiagonal = custom(
  "Softmax",
  (x) => x.softmax(-1),
  (g, _x, y) => g.mul(y).mul(y.mul(-1).add(1)),
);

class OnTheClass extends autograd.Function {
  static kept: Tensor;
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    OnTheClass.kept = x;
    return x.mul(x);
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(OnTheClass.kept).mul(2);
  }
}

class SplitSign extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor): Tensor[] {
    ctx.saveForBackward(x);
    return [x.mul(2), x.mul(x)];
  }
  static backward(ctx: Ctx, g: Tensor, h: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return g.mul(2).sub(h.mul(x).mul(2));
  }
}

class NeedsIt extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.setMaterializeGrads(false);
    return x.mul(2);
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(2);
  }
}

class AddsOwn extends autograd.Function {
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(2).add(1e-9);
  }
}

class Shaky extends autograd.Function {
  static runs = 0;
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(2 + 1e-9 * Shaky.runs++);
  }
}

/** A square whose gradient is right and cannot be differentiated. */
export class Detaching extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: Ctx, g: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return g.mul(x.detach()).mul(2);
  }
}

const hooked = (hook: (g: Tensor) => Tensor) => (x: Tensor) => {
  const y = x.mul(3);
  y.registerHook(hook);
  return y.tanh();
};

const linear = new nn.Linear(3, 2).to("float64");
const mean = (x: Tensor): Tensor => x.mean();

/** One fault each. */
export const wrongPrograms: readonly GradcheckProgram[] = [
  {
    title: "the minus of cos′ forgotten",
    cause: "sign",
    blame: "NegatedCosine",
    run: check(negatedCos, () => [vector()]),
  },
  {
    title: "the same inside a composition",
    cause: "sign",
    blame: "NegatedCosine",
    run: check(
      (x) => negatedCos(x.mul(2).add(1)).exp().sum(),
      () => [matrix()],
    ),
  },
  {
    title: "subtraction that hands a plus to its second input",
    cause: "sign",
    blame: "Difference",
    run: check(
      (a, b) =>
        custom2(
          "Difference",
          (x, y) => x.sub(y),
          (g) => [g, g],
        )(a, b)
          .pow(2)
          .sum(),
      () => [vector(), double([1, 2, 3])],
    ),
  },
  {
    title: "one of two outputs with the wrong sign",
    cause: "sign",
    blame: "SplitSign",
    run: check(
      (x) => SplitSign.apply(x),
      () => [vector()],
    ),
  },
  {
    title: "the two outputs joined again",
    cause: "sign",
    blame: "SplitSign",
    run: check(
      (x) => cat(SplitSign.apply(x.sin())).tanh(),
      () => [vector()],
    ),
  },
  {
    title: "1/x with a plus",
    cause: "sign",
    blame: "Reciprocal",
    run: check(
      custom(
        "Reciprocal",
        (x) => x.reciprocal(),
        (g, _x, y) => g.mul(y).mul(y),
      ),
      () => [vector()],
    ),
  },
  { title: "x² without the 2", cause: "factor", blame: "Square", run: check(halfSquare, () => [vector()]) },
  {
    title: "x² without the 2, summed",
    cause: "factor",
    blame: "Square",
    run: check(
      (x) => halfSquare(x).sum(),
      () => [vector()],
    ),
  },
  {
    title: "x² without the 2, deep in a network",
    cause: "factor",
    blame: "Square",
    run: check(
      (x) => F.linear(halfSquare(linear.forward(x)).tanh(), fixed([[1, -2]])).mean(),
      () => [matrix()],
    ),
  },
  { title: "x³ with x instead of x²", cause: "factor", blame: "Cube", run: check(cube, () => [vector()]) },
  {
    title: "a scale left out",
    cause: "factor",
    blame: "Scale",
    run: check(
      (x) =>
        custom(
          "Scale",
          (a) => a.mul(0.37),
          (g) => g,
        )(x.exp()),
      () => [vector()],
    ),
  },
  {
    title: "a mean without its 1/n",
    cause: "factor",
    blame: "Mean",
    run: check(
      custom("Mean", mean, (g, x) => g.expand(x.shape)),
      () => [matrix()],
    ),
  },
  {
    title: "a scale applied twice",
    cause: "factor",
    blame: "Scale",
    run: check(
      (x) =>
        custom(
          "Scale",
          (a) => a.mul(3),
          (g) => g.mul(9),
        )(x).log1p(),
      () => [double([0.2, 0.4])],
    ),
  },
  {
    title: "the incoming gradient ignored",
    cause: "factor",
    blame: "Ignorant",
    run: check(
      custom(
        "Ignorant",
        (x) => x.mul(x),
        (_g, x) => x.mul(2),
      ),
      () => [vector()],
    ),
  },
  {
    title: "the incoming gradient ignored in a chain",
    cause: "factor",
    blame: "Ignorant",
    run: check(
      (x) =>
        custom(
          "Ignorant",
          (a) => a.mul(a),
          (_g, a) => a.mul(2),
        )(x)
          .mul(5)
          .sum(),
      () => [vector()],
    ),
  },
  {
    title: "the gradient of a matrix product with B instead of Bᵀ",
    cause: "transposed",
    blame: "Untransposed",
    run: check(untransposed, () => [
      square(),
      double([
        [1, 2],
        [-0.5, 3],
      ]),
    ]),
  },
  {
    title: "the same inside a composition",
    cause: "transposed",
    blame: "Untransposed",
    run: check(
      (a, b) => untransposed(a.tanh(), b).relu().sum(),
      () => [
        square(),
        double([
          [1, 2],
          [-0.5, 3],
        ]),
      ],
    ),
  },
  {
    title: "a gradient returned transposed",
    cause: "transposed",
    blame: "Product",
    run: check(
      custom2(
        "Product",
        (a, b) => a.matmul(b),
        (g, a, b) => [g.matmul(b.t()).t(), a.t().matmul(g)],
      ),
      () => [
        square(),
        double([
          [1, 2],
          [-0.5, 3],
        ]),
      ],
    ),
  },
  {
    title: "a transposed gradient reshaped until it fitted",
    cause: "transposed",
    blame: "Doubled",
    run: check(
      custom(
        "Doubled",
        (x) => x.mul(2),
        (g, x) => g.t().reshape(x.shape).mul(2),
      ),
      () => [matrix()],
    ),
  },
  {
    title: "three dimensions put into the wrong order on the way back",
    cause: "transposed",
    blame: "Permuted",
    run: check(
      custom(
        "Permuted",
        (x) => x.permute(1, 2, 0).mul(1),
        (g, x) => g.permute(1, 2, 0).mul(1).reshape(x.shape),
      ),
      () => [
        double(Array.from({ length: 24 }, (_, i) => Math.sin(i)))
          .detach()
          .reshape(2, 3, 4)
          .requiresGrad_(),
      ],
    ),
  },
  {
    title: "a square map with its matrix untransposed",
    cause: "transposed",
    blame: "Map",
    run: check(
      custom(
        "Map",
        (x) =>
          fixed([
            [1, 2, 0],
            [0, 3, 1],
            [4, 0, 5],
          ]).mv(x),
        (g) =>
          fixed([
            [1, 2, 0],
            [0, 3, 1],
            [4, 0, 5],
          ]).mv(g),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a bias that gets the gradient of one row",
    cause: "missing-sum",
    blame: "AddBias",
    run: check(affineOneRow, () => [matrix(), vector()]),
  },
  {
    title: "the same before a sum of squares",
    cause: "missing-sum",
    blame: "AddBias",
    run: check(
      (x, b) => affineOneRow(x, b).pow(2).sum(),
      () => [matrix(), vector()],
    ),
  },
  {
    title: "a scalar that scales a vector and gets one element's gradient",
    cause: "missing-sum",
    blame: "ScaleBy",
    run: check(
      custom2(
        "ScaleBy",
        (x, s) => x.mul(s),
        (g, x, s) => [g.mul(s), g.mul(x).select(0, 0).reshape(1)],
      ),
      () => [vector(), double([2])],
    ),
  },
  {
    title: "a repeated row that is overwritten instead of added up",
    cause: "missing-sum",
    blame: "Repeat",
    run: check(
      custom(
        "Repeat",
        (x) => x.repeat(3, 1),
        (g) => g.select(0, 2),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a quotient without the gradient of its denominator",
    cause: "missing-term",
    blame: "Quotient",
    run: check(forgetsQuotient, () => [vector(), double([1, 2, 3])]),
  },
  {
    title: "the same after other ops",
    cause: "missing-term",
    blame: "Quotient",
    run: check(
      (a, b) => forgetsQuotient(a.exp(), b.pow(2)).sum(),
      () => [vector(), double([1, 2, 3])],
    ),
  },
  {
    title: "softmax with its diagonal alone",
    cause: "missing-term",
    blame: "Softmax",
    run: check(softmaxDiagonal, () => [vector()]),
  },
  {
    title: "softmax with its diagonal alone, in cross entropy",
    cause: "missing-term",
    blame: "Softmax",
    run: check(
      (x) => softmaxDiagonal(x).log().select(0, 1).neg(),
      () => [vector()],
    ),
  },
  {
    title: "the product rule with one of its terms",
    cause: "missing-term",
    blame: "XSine",
    run: check(
      custom(
        "XSine",
        (x) => x.mul(x.sin()),
        (g, x) => g.mul(x.sin()),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a detached factor",
    cause: "missing-term",
    blame: "detach",
    run: check(
      (x) => x.detach().mul(x),
      () => [vector()],
    ),
  },
  {
    title: "a part computed in noGrad",
    cause: "missing-term",
    blame: "exp",
    run: check(
      (x) =>
        noGrad(() => x.exp())
          .mul(x.sin())
          .sum(),
      () => [vector()],
    ),
  },
  {
    title: "a number read with item()",
    cause: "missing-term",
    blame: "item",
    run: check(
      (x) => x.mul(x.sum().item()),
      () => [vector()],
    ),
  },
  {
    title: "nothing left of the graph",
    cause: "missing-term",
    blame: "detach",
    run: check(
      (x) => x.detach().mul(2),
      () => [vector()],
    ),
  },
  {
    title: "the derivative of tanh with a plus in it",
    cause: "missing-term",
    blame: "Tanh",
    run: check(
      custom(
        "Tanh",
        (x) => x.tanh(),
        (g, _x, y) => g.mul(y.mul(y).add(1)),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a hook that doubles",
    cause: "factor",
    blame: "hook",
    run: check(
      hooked((g) => g.mul(2)),
      () => [vector()],
    ),
  },
  {
    title: "a hook that flips the sign",
    cause: "sign",
    blame: "hook",
    run: check(
      hooked((g) => g.neg()),
      () => [vector()],
    ),
  },
  {
    title: "a hook of an input",
    cause: "factor",
    blame: "hook",
    run: check(
      (x) => x.sin(),
      () => {
        const x = vector();
        x.registerHook((g) => g.mul(10));
        return [x];
      },
    ),
  },
  {
    title: "a backward hook of a module",
    cause: "factor",
    blame: "hook",
    run: () => {
      const layer = new nn.Linear(3, 2).to("float64");
      layer.registerFullBackwardHook((_module, gradInput) => gradInput.map((g) => g?.mul(3) ?? null));
      return gradcheck((x) => layer.forward(x), [matrix()], quiet);
    },
  },
  {
    title: "sigmoid′ without its second factor",
    cause: "factor",
    blame: "Sigmoid",
    run: check(
      custom(
        "Sigmoid",
        (x) => x.sigmoid(),
        (g, _x, y) => g.mul(y),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a wrong sign that a checkpoint computes again",
    cause: "sign",
    blame: "NegatedCosine",
    run: check(
      (x) => checkpoint((y: Tensor) => negatedCos(y.sin()), x, { useReentrant: false }).exp(),
      () => [vector()],
    ),
  },
  {
    title: "what backward needs kept on the class",
    cause: "unknown",
    blame: "OnTheClass",
    run: check(
      (a, b) => OnTheClass.apply(a).mul(OnTheClass.apply(b)),
      () => [vector(), double([1, 2, 3])],
    ),
  },
  {
    title: "NaN in backward alone",
    cause: "unknown",
    blame: "NanBackward",
    run: check(
      custom(
        "NanBackward",
        (x) => x.mul(2),
        (g) => g.mul(Number.NaN),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a gradient spread over all elements",
    cause: "unknown",
    blame: "Spread",
    run: check(
      custom(
        "Spread",
        (x) => x.mul(1),
        (g, x) => g.sum().expand(x.shape),
      ),
      () => [vector()],
    ),
  },
  {
    title: "a backward that needs every gradient",
    cause: "undefined-grad",
    blame: "NeedsIt",
    run: check(
      (x) => [x.mul(3), NeedsIt.apply(x)],
      () => [vector()],
    ),
  },
  {
    title: "a backward that adds something of its own",
    cause: "undefined-grad",
    blame: "AddsOwn",
    run: check(
      (x) => AddsOwn.apply(x.sin()),
      () => [vector()],
    ),
  },
  {
    title: "a backward that differs from run to run",
    cause: "nondeterministic",
    blame: "Shaky",
    run: check(
      (x) => Shaky.apply(x.mul(2)).sum(),
      () => [vector()],
    ),
  },
  {
    title: "random numbers in the function",
    cause: "nondeterministic",
    blame: "mul",
    run: check(
      (x) => x.sin().mul(randn([3], { dtype: "float64" })),
      () => [vector()],
    ),
  },
  {
    title: "dropout in the function",
    cause: "nondeterministic",
    blame: "mul",
    run: () => {
      manualSeed(0);
      return gradcheck(
        (x) => F.dropout(x.mul(2), { p: 0.5 }),
        [double(Array.from({ length: 20 }, (_, i) => i + 1))],
        quiet,
      );
    },
  },
  {
    title: "relu at its kink",
    cause: "kink",
    blame: null,
    run: check(
      (x) => x.relu(),
      () => [double([0, 1, -2])],
    ),
  },
  {
    title: "relu at its kink, in a chain",
    cause: "kink",
    blame: null,
    run: check(
      (x) => x.sub(1).relu().mul(3).sum(),
      () => [double([1, 2])],
    ),
  },
  {
    title: "relu a hair beside its kink",
    cause: "kink",
    blame: null,
    run: check(
      (x) => x.relu(),
      () => [double([2e-7, 1])],
    ),
  },
  {
    title: "a maximum where its two arguments meet, one-sided",
    cause: "kink",
    blame: null,
    run: check(
      (x) => where(x.gt(1), x.mul(3), x),
      () => [double([1, 0.5])],
    ),
  },
  {
    title: "the root at zero",
    cause: "kink",
    blame: null,
    run: check(
      (x) => x.sqrt(),
      () => [double([0, 4])],
    ),
  },
  {
    title: "float32 inputs",
    cause: "float32",
    blame: null,
    run: check(
      (x) => x.mul(x).sin(),
      () => [tensor([0.6, -1.3, 2.1], { requiresGrad: true })],
    ),
  },
  {
    title: "float32 inside",
    cause: "float32",
    blame: null,
    run: check(
      (x) => x.to("float32").exp().sin(),
      () => [vector()],
    ),
  },
  {
    title: "a wrong sign in float32",
    cause: "sign",
    blame: "NegatedCosine",
    run: check(
      (x) => negatedCos(x),
      () => [tensor([0.6, -1.3, 2.1], { requiresGrad: true })],
    ),
  },
  {
    title: "a step that is too large",
    cause: "step-size",
    blame: null,
    run: check(
      (x) => x.mul(3).sin(),
      () => [vector()],
      { eps: 0.3 },
    ),
  },
  {
    title: "a step that is too small",
    cause: "step-size",
    blame: null,
    run: check(
      (x) => x.exp(),
      () => [vector()],
      { eps: 1e-15 },
    ),
  },
  {
    title: "a wrong sign in fast mode",
    cause: "sign",
    blame: "NegatedCosine",
    run: check(negatedCos, () => [vector()], { fastMode: true }),
  },
  {
    title: "a backward that cannot be differentiated",
    cause: "missing-term",
    blame: "Detaching",
    run: checkTwice(
      (x) => Detaching.apply(x),
      () => [vector()],
    ),
  },
  {
    title: "the same in a composition",
    cause: "missing-term",
    blame: "Detaching",
    run: checkTwice(
      (x) => Detaching.apply(x.sin()).exp(),
      () => [vector()],
    ),
  },
  {
    title: "an input changed in place",
    cause: "unknown",
    blame: "add_",
    run: check(
      (x) => {
        noGrad(() => x.add_(0.1));
        return x.mul(x);
      },
      () => [vector()],
    ),
  },
];

/** Right programs that look like the wrong ones: the check passes, and when it does not, nobody is blamed. */
export const rightPrograms: readonly GradcheckProgram[] = [
  { title: "a right custom sine", run: check(sin, () => [vector()]) },
  { title: "a right custom product", run: check(matmul, () => [square(), square()]) },
  {
    title: "a right custom product in a composition",
    run: check(
      (a, b) => matmul(a.tanh(), b).sum(),
      () => [square(), square()],
    ),
  },
  {
    title: "softmax with the maximum detached",
    run: check(
      (x) => x.sub(x.detach().max()).exp().div(x.sub(x.detach().max()).exp().sum()),
      () => [vector()],
    ),
  },
  {
    title: "in-place ops",
    run: check(
      (x) => x.mul(2).add_(x).mul_(x.sin()),
      () => [vector()],
    ),
  },
  {
    title: "in-place ops on a view",
    run: check(
      (x) => {
        const y = x.mul(2);
        y.select(0, 1).mul_(3);
        return y.pow(2);
      },
      () => [vector()],
    ),
  },
  {
    title: "a hook that only looks",
    run: check(
      hooked((g) => {
        g.sum();
        return g;
      }),
      () => [vector()],
    ),
  },
  {
    title: "several outputs",
    run: check(
      (x) => [x.sin(), x.sum(), x.reshape(3, 1)],
      () => [vector()],
    ),
  },
  {
    title: "a layer",
    run: check(
      (x) => linear.forward(x),
      () => [matrix()],
    ),
  },
  {
    title: "a second derivative",
    run: checkTwice(
      (x) => sin(x).exp(),
      () => [vector()],
    ),
  },
  {
    title: "relu away from its kink",
    run: check(
      (x) => x.relu(),
      () => [vector()],
    ),
  },
  {
    title: "numbers that require no grad",
    run: check(
      (x) => x.mul(fixed([1, 2, 3])),
      () => [vector()],
    ),
  },
  {
    title: "layer norm",
    run: check(
      (x) => F.layerNorm(x, [3]),
      () => [matrix()],
    ),
  },
  {
    title: "a seed set inside",
    run: check(
      (x) => {
        manualSeed(3);
        return F.dropout(x, { p: 0.5 });
      },
      () => [vector()],
    ),
  },
].map((program) => ({ ...program, cause: null, blame: null }));
