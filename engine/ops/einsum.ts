import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";

/** A tensor with a label per dimension. The dimensions of an ellipsis have the labels "0", "1" … counted from the last. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's rule: `einsum("bij,bjk->bik", a, b)`. Labels that the output does not name are summed;
 * a label twice in one operand takes its diagonal; `...` stands for dimensions that broadcast; without `->` the output
 * has the labels that occur once, in alphabetical order. Operands are contracted from left to right.
 */
export const einsum: (equation: string, ...operands: readonly (Tensor | readonly Tensor[])[]) => Tensor = (
  equation,
  ...operands
) => {
  const tensors = operands.flat() as Tensor[];
  const { inputs, output } = parse(equation, tensors);
  checkSizes(inputs);
  let [result] = inputs;
  for (let i = 1; i < inputs.length; i++) {
    const later = inputs.slice(i + 1).flatMap(({ labels }) => labels);
    result = contract(result, inputs[i], new Set([...later, ...output]));
  }
  return ordered(summed(result, new Set(output)), output);
};

interface Parsed {
  readonly inputs: readonly Labelled[];
  readonly output: readonly string[];
}

function parse(equation: string, tensors: readonly Tensor[]): Parsed {
  const [left, right, ...rest] = equation.replaceAll(/\s/g, "").split("->");
  if (rest.length > 0) throw new ArgumentError("einsum", `more than one '->' in the equation '${equation}'`);
  const terms = left.split(",");
  if (tensors.length === 0) throw new ArgumentError("einsum", "must provide at least one operand");
  if (terms.length !== tensors.length) {
    const word = terms.length < tensors.length ? "more" : "fewer";
    throw new ArgumentError(
      "einsum",
      `${word} operands were provided than specified in the equation '${equation}': ${tensors.length}, not ${terms.length}`,
    );
  }
  const inputs = terms.map((term, i) => diagonals({ x: tensors[i], labels: labelsOf(term, tensors[i], i) }));
  return { inputs, output: right === undefined ? impliedOutput(terms, inputs) : outputLabels(right, inputs) };
}

/** The labels of one operand, its ellipsis written out. */
function labelsOf(term: string, x: Tensor, operand: number): string[] {
  const [before, after, ...rest] = term.split("...");
  checkLetters(before + (after ?? ""));
  if (rest.length > 0) {
    throw new ArgumentError("einsum", `found '.' for operand ${operand} for which an ellipsis was already found`);
  }
  const named = before.length + (after?.length ?? 0);
  if (after === undefined ? named !== x.ndim : named > x.ndim) {
    throw new ShapeError(
      "einsum",
      `the number of subscripts in the equation (${named}) ${after === undefined ? "does not match" : "is more than"} the number of dimensions (${x.ndim}) for operand ${operand} of shape ${showShape(x.shape)}${after === undefined ? " and no ellipsis was given" : ""}`,
    );
  }
  return after === undefined ? [...before] : [...before, ...ellipsis(x.ndim - named), ...after];
}

/** Labels of `n` dimensions of an ellipsis, which align at the end. */
const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, i) => String(n - 1 - i));

const isEllipsis = (label: string): boolean => label >= "0" && label <= "9";

function checkLetters(labels: string): void {
  const wrong = labels.match(/[^A-Za-z]/);
  if (wrong !== null)
    throw new ArgumentError("einsum", `invalid subscript '${wrong[0]}', subscripts must be in [a-zA-Z]`);
}

function longestEllipsis(inputs: readonly Labelled[]): string[] {
  return ellipsis(Math.max(...inputs.map(({ labels }) => labels.filter(isEllipsis).length)));
}

function impliedOutput(terms: readonly string[], inputs: readonly Labelled[]): string[] {
  const letters = [...terms.join("").replaceAll(/[,.]/g, "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return [...longestEllipsis(inputs), ...once.sort()];
}

function outputLabels(right: string, inputs: readonly Labelled[]): string[] {
  const [before, after] = right.split("...");
  checkLetters(before + (after ?? ""));
  const labels = after === undefined ? [...before] : [...before, ...longestEllipsis(inputs), ...after];
  const known = new Set(inputs.flatMap((input) => input.labels));
  labels.forEach((label, i) => {
    if (labels.indexOf(label) !== i) {
      throw new ArgumentError("einsum", `output subscript ${label} appears more than once in the output`);
    }
    if (!known.has(label)) {
      throw new ArgumentError(
        "einsum",
        `output subscript ${label} does not appear in the equation for any input operand`,
      );
    }
  });
  return labels;
}

/** Takes the diagonal where an operand has a label twice. */
function diagonals({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (second === -1) return { x, labels };
  const label = labels[second];
  const first = labels.indexOf(label);
  if (x.shape[first] !== x.shape[second]) {
    throw new ShapeError(
      "einsum",
      `subscript ${label} is repeated for an operand of shape ${showShape(x.shape)}, but its sizes ${x.shape[first]} and ${x.shape[second]} don't match`,
    );
  }
  // The diagonal comes last.
  const others = labels.filter((_, d) => d !== first && d !== second);
  return diagonals({ x: x.diagonal(0, first, second), labels: [...others, label] });
}

/** Whether every label has one size wherever it is not 1. */
function checkSizes(inputs: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  inputs.forEach(({ x, labels }, operand) => {
    labels.forEach((label, d) => {
      const seen = sizes.get(label) ?? 1;
      const size = x.shape[d];
      if (size !== 1 && seen !== 1 && size !== seen) {
        const which = isEllipsis(label) ? "the ellipsis" : `subscript ${label}`;
        throw new ShapeError(
          "einsum",
          `${which} has size ${size} for operand ${operand} which does not broadcast with previously seen size ${seen}`,
        );
      }
      if (size !== 1 || !sizes.has(label)) sizes.set(label, size);
    });
  });
}

/** Sums over the labels that nobody needs. */
function summed({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const dims = labels.map((_, d) => d).filter((d) => !needed.has(labels[d]));
  if (dims.length === 0) return { x, labels };
  return { x: x.sum({ dim: dims }), labels: labels.filter((label) => needed.has(label)) };
}

/** The operand's dimensions in this order of labels, all of which it has. */
function ordered({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const dims = order.map((label) => labels.indexOf(label));
  return dims.every((dim, d) => dim === d) ? x : x.permute(dims);
}

/** Contracts two operands to one whose labels are all in `needed`, by a (batched) product of matrices. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const left = summed(withoutOnes(a, b), new Set([...needed, ...b.labels]));
  const right = summed(withoutOnes(b, a), new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const x = grouped(left, [batch, rows, inner]);
  const y = grouped(right, [batch, inner, columns]);
  const product = batch.length === 0 ? x.reshape(x.shape.slice(1)).mm(y.reshape(y.shape.slice(1))) : x.bmm(y);
  const shape = [...sizes(left, [...batch, ...rows]), ...sizes(right, columns)];
  return { x: product.reshape(shape), labels: [...batch, ...rows, ...columns] };
}

/** Without dimensions of size 1 that are larger in the other operand: leaving them out is how they broadcast. */
function withoutOnes({ x, labels }: Labelled, other: Labelled): Labelled {
  const kept = labels
    .map((_, d) => d)
    .filter((d) => {
      const there = other.labels.indexOf(labels[d]);
      return x.shape[d] !== 1 || there === -1 || other.x.shape[there] === 1;
    });
  if (kept.length === labels.length) return { x, labels };
  return { x: x.reshape(kept.map((d) => x.shape[d])), labels: kept.map((d) => labels[d]) };
}

const sizes = ({ x, labels }: Labelled, wanted: readonly string[]): number[] =>
  wanted.map((label) => x.shape[labels.indexOf(label)]);

/** The dimensions in order of three groups of labels, each group as one dimension. */
function grouped(operand: Labelled, groups: readonly (readonly string[])[]): Tensor {
  const shape = groups.map((group) => sizes(operand, group).reduce((product, size) => product * size, 1));
  return ordered(operand, groups.flat()).reshape(shape);
}
