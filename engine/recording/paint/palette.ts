/** The colours of a drawing. In a panel they come from VS Code's theme; for files there are two sets of our own. All are opaque. */
export interface Palette {
  readonly background: string;
  readonly foreground: string;
  /** Second lines, shapes, module types. */
  readonly dim: string;
  /** What a tensor's box and an op's pill are filled with. */
  readonly box: string;
  readonly boxBorder: string;
  readonly pill: string;
  readonly frame: string;
  readonly frameBorder: string;
  readonly edge: string;
  /** Edges that carry no gradient. */
  readonly quietEdge: string;
  readonly leaf: string;
  readonly parameter: string;
  readonly accent: string;
  readonly found: string;
  readonly error: string;
  readonly warning: string;
  /** Gradient far below the run's median, at it, and far above it. */
  readonly vanishing: string;
  readonly median: string;
  readonly exploding: string;
  /** High contrast: no tints, borders at full strength. */
  readonly isHighContrast: boolean;
}

/** For files that are looked at on paper or a white page. */
export const lightPalette: Palette = {
  background: "#ffffff",
  foreground: "#1f2328",
  dim: "#656d76",
  box: "#ffffff",
  boxBorder: "#8c959f",
  pill: "#f0f2f5",
  frame: "#f6f8fa",
  frameBorder: "#d0d7de",
  edge: "#6e7781",
  quietEdge: "#b4bcc5",
  leaf: "#0969da",
  parameter: "#8250df",
  accent: "#0969da",
  found: "#fff0b3",
  error: "#cf222e",
  warning: "#9a6700",
  vanishing: "#0969da",
  median: "#9aa3ad",
  exploding: "#d1401f",
  isHighContrast: false,
};

/** The same for dark pages. */
export const darkPalette: Palette = {
  background: "#1f1f1f",
  foreground: "#e6e6e6",
  dim: "#9d9d9d",
  box: "#2b2b2b",
  boxBorder: "#6b6b6b",
  pill: "#333333",
  frame: "#262626",
  frameBorder: "#3f3f3f",
  edge: "#8b8b8b",
  quietEdge: "#555555",
  leaf: "#4daafc",
  parameter: "#b180d7",
  accent: "#0078d4",
  found: "#613315",
  error: "#f85149",
  warning: "#cca700",
  vanishing: "#4daafc",
  median: "#808080",
  exploding: "#f0753a",
  isHighContrast: false,
};
