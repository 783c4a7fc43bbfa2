/** A colour with channels from 0 to 1. */
export interface Color {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

/** Reads `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)` and `color(srgb …)`: what a browser's computed styles are made of. */
export function parseColor(text: string): Color | null {
  const value = text.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3,8})$/.exec(value)?.[1];
  if (hex !== undefined) return fromHex(hex);
  const call = /^(rgba?|color)\(([^)]*)\)$/.exec(value);
  if (!call) return null;
  const [, kind, inner = ""] = call;
  const parts = inner
    .replace("srgb", "")
    .split(/[\s,/]+/)
    .filter((part) => part !== "");
  const scale = kind === "color" ? 1 : 255;
  const numbers = parts.map((part, i) => channel(part, i === 3 ? 1 : scale));
  if (numbers.length < 3 || numbers.some(Number.isNaN)) return null;
  return { r: numbers[0], g: numbers[1], b: numbers[2], a: numbers[3] ?? 1 };
}

function channel(part: string, scale: number): number {
  const value = part.endsWith("%") ? Number(part.slice(0, -1)) / 100 : Number(part) / scale;
  return Math.max(0, Math.min(1, value));
}

function fromHex(hex: string): Color | null {
  const long = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join("") : hex;
  if (long.length !== 6 && long.length !== 8) return null;
  const at = (i: number): number => Number.parseInt(long.slice(i, i + 2), 16) / 255;
  return { r: at(0), g: at(2), b: at(4), a: long.length === 8 ? at(6) : 1 };
}

/** `rgb(…)` or `rgba(…)`, understood by every canvas and every SVG reader. */
export function toCss({ r, g, b, a }: Color): string {
  const [red, green, blue] = [r, g, b].map((channelValue) => Math.round(channelValue * 255));
  return a >= 1 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${Number(a.toFixed(3))})`;
}

/** The same colour without translucency; what is no colour stays as it is. */
export function opaque(color: string): string {
  const parsed = parseColor(color);
  return parsed ? toCss({ ...parsed, a: 1 }) : color;
}

/** The colour that `top` at `alpha` makes on an opaque `bottom`. */
export function over(bottom: string, top: string, alpha: number): string {
  const under = parseColor(bottom);
  const paint = parseColor(top);
  if (!under || !paint) return bottom;
  const a = alpha * paint.a;
  const blend = (x: number, y: number): number => x + (y - x) * a;
  return toCss({ r: blend(under.r, paint.r), g: blend(under.g, paint.g), b: blend(under.b, paint.b), a: 1 });
}

/** A colour between two, even to the eye: mixed in OKLab. */
export function mixEvenly(from: string, to: string, share: number): string {
  const start = parseColor(from);
  const end = parseColor(to);
  if (!start || !end) return from;
  const a = toOklab(start);
  const b = toOklab(end);
  return toCss(fromOklab(a.map((value, i) => value + (b[i] - value) * share)));
}

/** How light a colour looks, from 0 to 1. */
export function lightness(color: string): number {
  const parsed = parseColor(color);
  return parsed ? toOklab(parsed)[0] : 0;
}

function toOklab(color: Color): number[] {
  const [r, g, b] = [color.r, color.g, color.b].map(toLinear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([L, A, B]: number[]): Color {
  const l = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  return {
    r: toGamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    g: toGamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    b: toGamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
    a: 1,
  };
}

function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function toGamma(value: number): number {
  const clamped = Math.max(0, Math.min(1, value));
  return clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055;
}
