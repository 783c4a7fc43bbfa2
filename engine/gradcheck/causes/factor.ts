import { everywhere, isZero, type Suspect, same, type Verdict } from "./evidence.ts";

/** The gradient is the right one times something: a number, the input or the output itself, or the output's gradient left out. */
export function wrongFactor(suspect: Suspect): Verdict | null {
  if (suspect.ignoresGradOutput()) {
    return {
      says: "lacks the factor gradOutput: it stays the same whatever gradient comes in",
      advice: "Multiply by the gradient that backward is given.",
    };
  }
  return constantFactor(suspect) ?? valueFactor(suspect);
}

/** n / a is the same everywhere. One lone entry proves nothing unless the number is one that people forget. */
function constantFactor(suspect: Suspect): Verdict | null {
  const { analytical, numerical } = suspect.pair;
  const { wrong } = suspect;
  const largest = wrong.reduce((best, k) => (Math.abs(numerical[k]) > Math.abs(numerical[best]) ? k : best), wrong[0]);
  const factor = numerical[largest] / analytical[largest];
  if (!Number.isFinite(factor) || Math.abs(factor) < 1e-9) return null;
  const fits = (k: number): boolean => same(suspect, factor * analytical[k], numerical[k]);
  if (!wrong.every(fits)) return null;
  const whole = everywhere(suspect, (_a, _n, k) => fits(k));
  const known = factorName(factor, suspect);
  const telling = new Set(wrong.map((k) => numerical[k].toPrecision(4))).size > 1;
  if (known === null && !(whole && (telling || wrong.length > 2))) return null;
  const name = known ?? { text: plain(factor), extra: false };
  const where = whole ? "" : " in some of its entries";
  return name.extra
    ? { says: `has the factor ${name.text} too much${where}`, advice: `Divide by ${name.text}.` }
    : { says: `lacks the factor ${name.text}${where}`, advice: `Multiply by ${name.text}.` };
}

interface FactorName {
  readonly text: string;
  /** Whether it is there and should not be, rather than missing. */
  readonly extra: boolean;
}

/** The factor as people write it, or null when it is no number that comes up in formulas. */
function factorName(factor: number, suspect: Suspect): FactorName | null {
  const sign = factor < 0 ? "−" : "";
  const size = Math.abs(factor);
  const is = (value: number): boolean => Math.abs(size - value) <= 1e-4 * value;
  for (const { value, text } of constants(suspect)) {
    if (is(value)) return { text: `${sign}${text}`, extra: false };
    if (is(1 / value)) return { text: `${sign}${text}`, extra: true };
  }
  return null;
}

function constants({ pair }: Suspect): { value: number; text: string }[] {
  const whole = Array.from({ length: 15 }, (_, i) => ({ value: i + 2, text: String(i + 2) }));
  const counts = [
    { value: pair.rows, text: `${pair.rows} (the number of elements)` },
    { value: pair.cols, text: `${pair.cols} (the number of elements of the output)` },
  ].filter(({ value }) => value > 16);
  const known: [number, string][] = [
    [1.5, "1.5"],
    [Math.PI, "π"],
    [2 * Math.PI, "2π"],
    [Math.sqrt(Math.PI), "√π"],
    [2 / Math.sqrt(Math.PI), "2/√π"],
    [Math.sqrt(2 * Math.PI), "√(2π)"],
    [Math.SQRT2, "√2"],
    [Math.LN2, "ln 2"],
    [Math.LN10, "ln 10"],
    [Math.E, "e"],
    [180 / Math.PI, "180/π"],
    [100, "100"],
    [1000, "1000"],
  ];
  return [...whole, ...known.map(([value, text]) => ({ value, text })), ...counts];
}

/** n / a is the value of the input or of the output, element by element, or its square. */
function valueFactor(suspect: Suspect): Verdict | null {
  const { cols } = suspect.pair;
  const input = (k: number): number => suspect.inputValues[Math.floor(k / cols)];
  const output = (k: number): number => suspect.outputValues[k % cols];
  const candidates: readonly (readonly [string, (k: number) => number])[] = [
    ["its input", input],
    ["its output", output],
    ["the square of its input", (k) => input(k) ** 2],
    ["the square of its output", (k) => output(k) ** 2],
    ["1 minus its output", (k) => 1 - output(k)],
    ["1 minus the square of its output", (k) => 1 - output(k) ** 2],
  ];
  for (const [name, of] of candidates) {
    if (suspect.wrong.some((k) => isZero(suspect, of(k)))) continue;
    if (everywhere(suspect, (a, n, k) => same(suspect, a * of(k), n)))
      return { says: `lacks a factor: ${name}`, advice: `Multiply by ${name}, element by element.` };
    if (everywhere(suspect, (a, n, k) => same(suspect, a, n * of(k))))
      return { says: `has a factor too much: ${name}`, advice: `Divide by ${name}, element by element.` };
  }
  return null;
}

const plain = (x: number): string => String(Number(x.toPrecision(4))).replace("-", "−");
