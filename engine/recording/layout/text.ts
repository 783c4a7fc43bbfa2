/** Characters that draw nothing but can turn, hide or break what stands around them: controls, direction marks, joiners, tags. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A name from the user's program as it may be drawn: one line, no invisible characters, at most `longest` characters. */
export function displayName(name: string, longest = 28): string {
  // Enough to fill the line even when many of them are invisible, and no work for a name of a megabyte.
  const visible = name
    .slice(0, longest * 8)
    .replace(/\s+/gu, " ")
    .replace(invisible, "")
    .trim();
  const characters = [...visible];
  if (characters.length > longest) return `${characters.slice(0, longest - 1).join("")}…`;
  return visible === "" ? "·" : visible;
}

/** `[64, 10]`; long shapes lose their middle. */
export function shapeText(shape: readonly number[]): string {
  if (shape.length <= 6) return `[${shape.join(", ")}]`;
  return `[${shape.slice(0, 3).join(", ")}, …, ${shape.slice(-2).join(", ")}]`;
}

/** Four significant digits; very large and very small numbers with an exponent; NaN and infinities are words. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "−Inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return withMinus(String(value));
  if (size >= 1e6 || size < 1e-4) {
    const [digits = "", exponent = ""] = value.toExponential(3).split("e");
    return withMinus(`${trimZeros(digits)}e${exponent.replace("+", "")}`);
  }
  return withMinus(value.toPrecision(4));
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function withMinus(text: string): string {
  return text.replaceAll("-", "−");
}
