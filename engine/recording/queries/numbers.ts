/** A number with four significant digits: `7.000`, `0.003142`, `1.2e−7`. NaN and Inf are words. */
export function formatNumber(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "Inf" : "−Inf";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text =
    size >= 1e6 || size < 1e-4
      ? x
          .toExponential(3)
          .replace(/\.?0+e/, "e")
          .replace("e+", "e")
      : x.toPrecision(4);
  return text.replaceAll("-", "−");
}

/** A number as short as it can be said: `7`, `0.5`, `0.3333`. For factors and small tensors. */
export function formatShort(x: number): string {
  if (!Number.isFinite(x)) return formatNumber(x);
  return Number(x.toPrecision(4)).toString().replaceAll("-", "−");
}

/** The elements of a small tensor, row-major: `7` for a scalar, `[1, 2, 3]` else; cut after `limit` with an ellipsis. */
export function formatValues(values: readonly number[], shape: readonly number[], limit = 8): string {
  if (shape.length === 0) return formatShort(values[0]);
  const shown = values.slice(0, limit).map(formatShort);
  const total = shape.reduce((n, size) => n * size, 1);
  return `[${shown.join(", ")}${total > shown.length ? ", …" : ""}]`;
}

/** `1 step`, `3 steps`. */
export const counted = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`;
