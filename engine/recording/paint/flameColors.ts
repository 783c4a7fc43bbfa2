import { SpanKind } from "../queries/profile/timeline.ts";
import { lightness, over, parseColor } from "./color.ts";

/** Spans of the same kind come in so many shades, by their name, so that neighbours can be told apart. */
export const shadesOfKind = 3;
/** Steps from an idle to a busy pixel. */
export const busySteps = 16;

const kinds = Object.keys(SpanKind).length;

/** The theme's colours of a flame chart, opaque. */
export interface FlamePalette {
  readonly background: string;
  readonly foreground: string;
  readonly dim: string;
  readonly line: string;
  readonly accent: string;
  /** By SpanKind. */
  readonly kinds: readonly string[];
  readonly isHighContrast: boolean;
}

/** Colours as the pixels of a picture have them: red in the lowest byte. */
export interface FlameColors {
  readonly background: number;
  /** At `((isDim * kinds + kind) * shades + shade) * steps + step`. */
  readonly fills: Uint32Array;
  /** What is written on a span, by `kind * shades + shade`. */
  readonly texts: readonly string[];
  readonly dimText: string;
}

/** Mixes a theme's colours once, so that painting only looks them up. */
export function flameColors(palette: FlamePalette): FlameColors {
  const fills = new Uint32Array(2 * kinds * shadesOfKind * busySteps);
  const texts: string[] = [];
  for (let kind = 0; kind < kinds; kind++) {
    for (let shade = 0; shade < shadesOfKind; shade++) {
      const full = shadeOf(palette, kind, shade);
      texts.push(legibleOn(full, palette));
      for (let step = 0; step < busySteps; step++) {
        const share = (step + 1) / busySteps;
        fills[fillIndex(false, kind, shade) + step] = pixelOf(over(palette.background, full, share));
        fills[fillIndex(true, kind, shade) + step] = pixelOf(over(palette.background, full, share * 0.22));
      }
    }
  }
  return { background: pixelOf(palette.background), fills, texts, dimText: palette.dim };
}

/** Where the steps of a kind's shade begin in `fills`. */
export function fillIndex(isDim: boolean, kind: number, shade: number): number {
  return (((isDim ? kinds : 0) + kind) * shadesOfKind + shade) * busySteps;
}

/** A pixel's colour as a number. */
export function pixelOf(color: string): number {
  const { r, g, b } = parseColor(color) ?? { r: 0, g: 0, b: 0 };
  const byte = (channel: number): number => Math.round(channel * 255);
  return ((255 << 24) | (byte(b) << 16) | (byte(g) << 8) | byte(r)) >>> 0;
}

function shadeOf({ background, kinds: colors }: FlamePalette, kind: number, shade: number): string {
  return over(background, colors[kind], 1 - shade * 0.17);
}

/** Of the theme's two text colours the one that stands out more. */
function legibleOn(fill: string, { foreground, background }: FlamePalette): string {
  const apart = (color: string): number => Math.abs(lightness(color) - lightness(fill));
  return apart(foreground) >= apart(background) ? foreground : background;
}
