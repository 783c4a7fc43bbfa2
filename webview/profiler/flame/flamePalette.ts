import { opaque, over } from "../../../engine/recording/paint/color.ts";
import type { FlamePalette } from "../../../engine/recording/paint/flameColors.ts";
import type { Palette } from "../../../engine/recording/paint/palette.ts";
import { withColors } from "../../ui/theme.ts";

/** The theme's chart colours of each kind of span, in the order of SpanKind. */
const kindColors = [
  "descriptionForeground",
  "charts-purple",
  "charts-green",
  "charts-blue",
  "charts-orange",
  "charts-yellow",
  "charts-red",
];

/** The colours of a flame chart in the theme at hand. */
export function readFlamePalette({
  background,
  foreground,
  dim,
  accent,
  frameBorder,
  isHighContrast,
}: Palette): FlamePalette {
  const kinds = withColors((color) =>
    kindColors.map((name) => over(background, opaque(color(name) ?? foreground), isHighContrast ? 1 : 0.85)),
  );
  return { background, foreground, dim, line: frameBorder, accent, kinds, isHighContrast };
}
