import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { arange, type DType, GradlensError, manualSeed, ones, Tensor, zeros } from "../../engine/index.ts";
import { warningsOf } from "../support/warnings.ts";
import { type Names, readExpression } from "./pythonExpression.ts";
import { differences } from "./shapeDifferences.ts";

type Shape = readonly number[];

/** Calls on the same operands. */
interface Group {
  /** What each operand is filled with: "f", "i", "m", or "any", which has all dtypes. */
  readonly operands: readonly string[];
  /** Of "any" each list has a shape per operand; of others each operand takes each. */
  readonly shapes: readonly Shape[] | readonly (readonly Shape[])[];
  readonly dtypes?: readonly DType[];
  /** Python's expression → what PyTorch answered, coded. */
  readonly calls: { readonly [python: string]: string };
}

interface Fixture {
  readonly answers: string;
  readonly groups: readonly Group[];
}

/** One combination of operands. */
interface Case {
  readonly shown: string;
  readonly make: () => Names;
  /** PyTorch has fewer kernels for other dtypes than the engine: see LAYOUT in semantics/rows.ts. */
  readonly floats: boolean;
}

const file = new URL("../fixtures/pytorch/shapes.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as Fixture;
const answers = fixture.answers.split("|");
const REFUSED = "refused";

/** The answers in the order of the cases. */
function decoded(codes: string): string[] {
  const letter = (at: string): number => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(at);
  return [...codes.matchAll(/(-|([a-zA-Z])([a-zA-Z]))(\d*)/g)].flatMap(([, code, high = "", low = "", times = ""]) => {
    const answer = code === "-" ? REFUSED : answers[52 * letter(high) + letter(low)];
    return new Array<string>(times === "" ? 1 : Number(times)).fill(answer ?? assert.fail(codes));
  });
}

const counted = (shape: Shape): Tensor => arange(shape.reduce((n, size) => n * size, 1)).reshape([...shape]);

const filled: { readonly [kind: string]: (shape: Shape) => Tensor } = {
  f: (shape) => counted(shape).double().mul(0.618).remainder(1).mul(0.5).add(0.25).float(),
  i: (shape) => zeros(shape, { dtype: "int64" }),
  m: (shape) => ones(shape, { dtype: "bool" }),
};

const NAMES = ["x", "y", "z"] as const;
const named = (tensors: readonly Tensor[]): Names => Object.fromEntries(tensors.map((t, i) => [NAMES[i] ?? "", t]));
const choices = <T>(list: readonly T[], n: number): T[][] =>
  n === 0 ? [[]] : list.flatMap((first) => choices(list, n - 1).map((rest) => [first, ...rest]));

function casesOf({ operands, shapes, dtypes }: Group): Case[] {
  if (dtypes === undefined) {
    return choices(shapes as readonly Shape[], operands.length).map((chosen) => ({
      shown: chosen.map((shape) => JSON.stringify(shape)).join(" "),
      make: () => named(chosen.map((shape, i) => filled[operands[i] ?? ""]?.(shape) ?? assert.fail())),
      floats: true,
    }));
  }
  return choices(dtypes, operands.length).flatMap((chosen) =>
    (shapes as readonly (readonly Shape[])[]).map((list) => ({
      shown: list.map((shape, i) => `${chosen[i]}${JSON.stringify(shape)}`).join(" "),
      make: () =>
        named(
          list.map((shape, i) =>
            counted(shape)
              .remainder(2)
              .to(chosen[i] as DType),
          ),
        ),
      floats: chosen.every((dtype) => dtype.startsWith("float")),
    })),
  );
}

const SHORT: { readonly [dtype: string]: string } = { float32: "", float64: "d", int32: "i", int64: "l", bool: "b" };

/** Whether all elements are numbers of the dtype: int64 stands in floats, and bool in bytes. */
function isPure(x: Tensor): boolean {
  if (x.dtype === "bool") return x.toArray().every((value) => value === 0 || value === 1);
  return x.dtype !== "int64" || x.toArray().every((value) => Number.isInteger(value) || !Number.isFinite(value));
}

/** A result as the fixture writes it. */
function shown(result: unknown): string {
  if (result instanceof Tensor && !isPure(result)) return `broken by elements that are no ${result.dtype}`;
  if (result instanceof Tensor) return `${SHORT[result.dtype]}${JSON.stringify(result.shape)}`;
  if (result === null || result === undefined) return "None";
  if (typeof result === "object") return `(${[...(result as Iterable<unknown>)].map(shown).join(" ")})`;
  return typeof result === "string" ? result : typeof result;
}

/** What a call gives, or that it is refused; an error that is not the engine's own is neither. */
function answerOf(call: (names: Names) => unknown, { make }: Case): string {
  manualSeed(0);
  try {
    return shown(call(make()));
  } catch (error) {
    return error instanceof GradlensError ? REFUSED : `broken by ${String(error)}`;
  }
}

function differencesOf(call: (names: Names) => unknown, cases: readonly Case[], expected: readonly string[]): string[] {
  assert.equal(expected.length, cases.length);
  return cases.flatMap((example, i) => {
    const wanted = expected[i];
    const found = answerOf(call, example);
    if (found === wanted) return [];
    if (wanted === REFUSED && !example.floats && !found.includes("broken by")) return [];
    return [`${example.shown}: ${found}, but PyTorch: ${wanted}`];
  });
}

/** The op that an expression calls last: `F.pad`, `matmul`, `nn.Linear`. */
function opOf(python: string): string {
  if (/^\w+\[/.test(python)) return "an index";
  const [, home = "", name = ""] =
    /^(?:(nn|F|torch\.linalg|torch\.special)\.)?(?:torch\.|[xy]\.)?(\w+)/.exec(python) ?? [];
  return `${home}${home === "" ? "" : "."}${name}`;
}

interface Call {
  readonly python: string;
  readonly cases: readonly Case[];
  readonly expected: readonly string[];
  /** How many differences are known. */
  readonly known: number;
}

function callsByOp(): Map<string, Call[]> {
  const found = new Map<string, Call[]>();
  for (const group of fixture.groups) {
    const cases = casesOf(group);
    for (const [python, codes] of Object.entries(group.calls)) {
      const known = knownDifferences(`${group.operands.join(" ")}: ${python}`);
      const list = found.get(opOf(python)) ?? [];
      found.set(opOf(python), [...list, { python, cases, expected: decoded(codes), known }]);
    }
  }
  return found;
}

const unused = new Set(differences.flatMap(({ calls }) => Object.keys(calls)));

function knownDifferences(call: string): number {
  unused.delete(call);
  return differences.reduce((sum, { calls }) => sum + (calls[call] ?? 0), 0);
}

describe("shapes and dtypes that PyTorch takes, refuses and gives:", () => {
  for (const [op, calls] of callsByOp()) {
    it(op, () => {
      const wrong = calls.flatMap(({ python, cases, expected, known }) => {
        const call = readExpression(python);
        let found: string[] = [];
        warningsOf(() => {
          found = differencesOf(call, cases, expected);
        });
        if (found.length === known) return [];
        return [
          `${python} differs ${found.length} times, not ${known}:`,
          ...found.slice(0, 5).map((line) => `  ${line}`),
        ];
      });
      if (wrong.length > 0) assert.fail(wrong.join("\n"));
    });
  }

  it("every known difference is one of a call that was recorded", () => {
    assert.deepEqual([...unused], []);
  });
});
