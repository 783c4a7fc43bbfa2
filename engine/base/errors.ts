/**
 * Errors are for people: what was wrong, with the values, and what to try. `op` names the public op that refused, so
 * that callers read a field and never parse a message.
 */
export class GradlensError extends Error {
  /** Public name of the op or class that threw. */
  readonly op: string | null;

  constructor(message: string, op: string | null = null) {
    super(message);
    this.name = new.target.name;
    this.op = op;
  }
}

/** A rule of autograd was broken: PyTorch's RuntimeError. */
export class AutogradError extends GradlensError {}

/** Sizes, dimensions or strides that do not fit. */
export class ShapeError extends GradlensError {
  constructor(op: string, message: string) {
    super(`${op}(): ${message}`, op);
  }
}

/** A dtype that the op cannot take. */
export class DTypeError extends GradlensError {
  constructor(op: string, message: string) {
    super(`${op}(): ${message}`, op);
  }
}

/** An argument outside its range, an unknown option, a wrong type: PyTorch's ValueError and TypeError. */
export class ArgumentError extends GradlensError {
  constructor(op: string, message: string) {
    super(`${op}(): ${message}`, op);
  }
}

/** An index or dimension out of range: PyTorch's IndexError. */
export class IndexError extends GradlensError {
  constructor(op: string, message: string) {
    super(`${op}(): ${message}`, op);
  }
}

/** The candidate closest to `word` by edit distance, or null when none is near: "did you mean …". */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  farthest = Math.max(2, Math.floor(word.length / 3)),
): string | null {
  let best: string | null = null;
  let bestDistance = farthest + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance with one row of memory. */
function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = a[i - 1] === b[j - 1] ? diagonal : 1 + Math.min(diagonal, above, row[j - 1]);
      diagonal = above;
    }
  }
  return row[b.length];
}

/** Throws when `options` has a key that is not in `known`, naming the nearest known one. */
export function checkOptions(op: string, options: object | undefined, known: readonly string[]): void {
  if (options === undefined) return;
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const guess = nearest(key, known);
    const hint = guess === null ? `Known options: ${known.join(", ") || "none"}.` : `Did you mean '${guess}'?`;
    throw new ArgumentError(op, `unknown option '${key}'. ${hint}`);
  }
}
