import assert from "node:assert/strict";
import { type Observer, type OpEvent, observe } from "../../engine/autograd/observer.ts";
import { F, linalg, logsumexp, type Tensor, tensor } from "../../engine/index.ts";
import type { Incident } from "../../engine/ops/hazards.ts";

type Program = (...inputs: Tensor[]) => Tensor;

const leaf = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64", requiresGrad: true });

/** The ops that `run` ran. */
function opsOf(run: () => unknown): OpEvent[] {
  const events: OpEvent[] = [];
  const ignore = (): void => {};
  const before = observe(
    new Proxy({}, { get: (_, name) => (name === "op" ? (event: OpEvent) => events.push(event) : ignore) }) as Observer,
  );
  try {
    run();
  } finally {
    observe(before);
  }
  return events;
}

const numbersOf = (x: Tensor | number | null): number[] =>
  x === null ? [] : typeof x === "number" ? [x] : Array.from(x.toArray());

/** What an op knows about element `i` of its result. */
function incidentAt({ inputs, outputs, attrs }: OpEvent, i: number): Incident {
  const all = inputs.map(numbersOf);
  const out = numbersOf(outputs[0] ?? null);
  return {
    inputs: all.map((values) => values[values.length === 1 ? 0 : i] ?? Number.NaN),
    out: out[i] as number,
    row: all[0] ?? [],
    attrs,
  };
}

/** Why element 0 of an op's result, or of its gradient, is bad, by the first op that has something to say. */
function causeOf(
  phase: "forward" | "backward",
  program: Program,
  inputs: readonly (readonly number[])[],
): string | null {
  for (const event of opsOf(() => program(...inputs.map(leaf)))) {
    const found = event.op?.hazards?.find((hazard) => hazard.phase === phase && hazard.happens(incidentAt(event, 0)));
    if (found !== undefined) return found.cause;
  }
  return null;
}

const { NaN: unknown, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
const log: Program = (x) => (x as Tensor).log();

/** Numbers at which a program's result is bad, and why. */
const forward: readonly (readonly [cause: string, program: Program, ...inputs: number[][]])[] = [
  ["log-of-nonpositive", log, [0]],
  ["log-of-nonpositive", log, [-1]],
  ["log-of-nonpositive", (x) => (x as Tensor).log1p(), [-1]],
  ["log-of-nonpositive", (x) => (x as Tensor).logit(), [1]],
  ["log-of-nonpositive", (a, b) => (a as Tensor).xlogy(b as Tensor), [1], [0]],
  ["sqrt-of-negative", (x) => (x as Tensor).sqrt(), [-1]],
  ["division-by-zero", (x) => (x as Tensor).rsqrt(), [0]],
  ["sqrt-of-negative", (x) => (x as Tensor).rsqrt(), [-1]],
  ["division-by-zero", (x) => (x as Tensor).reciprocal(), [0]],
  ["zero-over-zero", (a, b) => (a as Tensor).div(b as Tensor), [0], [0]],
  ["inf-over-inf", (a, b) => (a as Tensor).div(b as Tensor), [inf], [minusInf]],
  ["division-by-zero", (a, b) => (a as Tensor).div(b as Tensor), [2], [0]],
  ["pow-of-negative-base", (a, b) => (a as Tensor).pow(b as Tensor), [-2], [0.5]],
  ["division-by-zero", (a, b) => (a as Tensor).pow(b as Tensor), [0], [-1]],
  ["exp-overflow", (x) => (x as Tensor).exp(), [1000]],
  ["exp-overflow", (x) => (x as Tensor).cosh(), [1000]],
  ["inf-minus-inf", (a, b) => (a as Tensor).sub(b as Tensor), [inf], [inf]],
  ["inf-minus-inf", (a, b) => (a as Tensor).add(b as Tensor), [minusInf], [inf]],
  ["zero-times-inf", (a, b) => (a as Tensor).mul(b as Tensor), [0], [inf]],
  ["zero-over-zero", (x) => (x as Tensor).mean(), []],
  ["inf-minus-inf", (x) => (x as Tensor).sum(), [inf, minusInf]],
  ["acos-at-edge", (x) => (x as Tensor).acos(), [1.5]],
  ["acos-at-edge", (x) => (x as Tensor).atanh(), [1]],
  ["acos-at-edge", (x) => (x as Tensor).acosh(), [0.5]],
  ["masked-softmax-row", (x) => F.softmax(x as Tensor, 0), [minusInf, minusInf]],
  ["inf-minus-inf", (x) => F.logSoftmax(x as Tensor, 0), [inf, 1]],
  ["std-of-one-element", (x) => (x as Tensor).std(), [3]],
  ["zero-over-zero", (x) => F.nllLoss((x as Tensor).unsqueeze(0), tensor([-100], { dtype: "int64" })), [0.5, 0.5]],
];

/** Numbers at which a program's result is fine and its gradient is bad, and why. */
const backward: readonly (readonly [cause: string, program: Program, ...inputs: number[][]])[] = [
  ["log-of-nonpositive", log, [0]],
  ["log-of-nonpositive", (x) => (x as Tensor).logit(), [0]],
  ["sqrt-grad-at-zero", (x) => (x as Tensor).sqrt(), [0]],
  ["sqrt-of-negative", (x) => (x as Tensor).sqrt(), [-4]],
  ["division-by-zero", (x) => (x as Tensor).rsqrt(), [0]],
  ["sqrt-of-negative", (x) => (x as Tensor).rsqrt(), [-4]],
  ["division-by-zero", (x) => (x as Tensor).reciprocal(), [0]],
  ["division-by-zero", (a, b) => (a as Tensor).div(b as Tensor), [2], [0]],
  ["sqrt-grad-at-zero", (a, b) => (a as Tensor).pow(b as Tensor), [0], [0.5]],
  ["division-by-zero", (a, b) => (a as Tensor).pow(b as Tensor), [0], [-1]],
  ["pow-of-negative-base", (a, b) => (a as Tensor).pow(b as Tensor), [-2], [2]],
  ["exp-overflow", (x) => (x as Tensor).exp(), [1000]],
  ["zero-times-inf", (a, b) => (a as Tensor).mul(b as Tensor), [0], [inf]],
  ["acos-at-edge", (x) => (x as Tensor).asin(), [1]],
  ["acos-at-edge", (x) => (x as Tensor).acosh(), [1]],
  ["atan2-at-origin", (a, b) => (a as Tensor).atan2(b as Tensor), [0], [0]],
  ["norm-grad-at-zero", (a, b) => (a as Tensor).hypot(b as Tensor), [0], [0]],
  ["masked-softmax-row", (x) => logsumexp(x as Tensor, 0), [minusInf, minusInf]],
];

const shown = (inputs: readonly (readonly number[])[]): string => inputs.map((values) => `[${values}]`).join(", ");

describe("what makes a number bad", () => {
  for (const [phase, table] of [
    ["forward", forward],
    ["backward", backward],
  ] as const) {
    for (const [cause, program, ...inputs] of table) {
      it(`${phase}: ${cause}, ${String(program).replaceAll(" as Tensor", "").replaceAll(/\s+/g, " ")} at ${shown(inputs)}`, () => {
        assert.equal(causeOf(phase, program, inputs), cause);
        const gradient = (): number[] => {
          const leaves = inputs.map(leaf);
          const out = program(...leaves);
          if (phase === "forward") return numbersOf(out);
          out.sum().backward();
          return leaves.flatMap(({ grad }) => numbersOf(grad));
        };
        assert.ok(phase === "backward" || gradient().some((x) => !Number.isFinite(x)), "the number is bad");
      });
    }
  }

  it("is nothing where numbers are as they should be", () => {
    for (const [, program, ...inputs] of [...forward, ...backward]) {
      const usual = inputs.map((values) => (values.length === 0 ? [0.25] : values.map((_, i) => 0.25 + i / 8)));
      if (String(program).includes("std")) usual[0] = [0.25, 0.5];
      if (String(program).includes("acosh")) usual[0] = [1.5];
      if (String(program).includes("nllLoss")) continue;
      for (const phase of ["forward", "backward"] as const) {
        assert.equal(causeOf(phase, program, usual), null, `${String(program)} at ${JSON.stringify(usual)}`);
      }
    }
  });

  it("is anything that an unknown number could be", () => {
    const causesAt = (program: Program, inputs: number[][], known: Partial<Incident>): string[] => {
      const [event] = opsOf(() => program(...inputs.map(leaf)));
      assert.ok(event);
      const incident = { ...incidentAt(event, 0), ...known };
      return (event.op?.hazards ?? []).filter(({ happens }) => happens(incident)).map(({ cause }) => cause);
    };
    assert.deepEqual(causesAt(log, [[1]], { inputs: [unknown] }), ["log-of-nonpositive", "log-of-nonpositive"]);
    assert.deepEqual(
      causesAt((x) => linalg.vectorNorm(x as Tensor), [[1]], { out: unknown }),
      ["norm-grad-at-zero"],
    );
    assert.deepEqual(
      causesAt((a, b) => (a as Tensor).atan2(b as Tensor), [[1], [1]], { inputs: [unknown, unknown] }),
      ["atan2-at-origin"],
    );
  });
});
