import { over, parseColor, toCss } from "../../engine/recording/paint/color.ts";
import type { Palette } from "../../engine/recording/paint/palette.ts";
import { ownColors } from "./ownColors.ts";

/** The colours and fonts of VS Code's theme, as a canvas can use them. */
export interface Theme {
  readonly palette: Palette;
  readonly fontFamily: string;
  readonly codeFontFamily: string;
}

/** Reads the theme from the page's variables. */
export function readTheme(): Theme {
  return { palette: withColors(readPalette), ...readFonts(getComputedStyle(document.documentElement)) };
}

/** Gives what `read` makes of the theme's colours: it asks for them by VS Code's names, with a dash for a dot. */
export function withColors<T>(read: (color: (name: string) => string | null) => T): T {
  const variables = getComputedStyle(document.documentElement);
  const resolve = colorResolver();
  const value = read((name) => resolve(variables.getPropertyValue(`--vscode-${name}`)));
  resolve.dispose();
  return value;
}

/** Calls back when the user switches to another theme. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}

/** Whether the user asked for less movement, in VS Code or in the system. */
export function prefersLessMotion(): boolean {
  return (
    document.body.classList.contains("vscode-reduce-motion") || matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}

/** Everything is made opaque on the editor's background: drawn twice, a translucent line would be darker where it crosses itself. */
function readPalette(color: (name: string) => string | null): Palette {
  const background = color("editor-background") ?? "rgb(31,31,31)";
  const pick = (...names: string[]): string | null => {
    for (const name of names) {
      const value = color(name);
      if (value !== null) return over(background, value, 1);
    }
    return null;
  };
  const foreground = pick("editor-foreground", "foreground") ?? "rgb(204,204,204)";
  const shade = (share: number): string => over(background, foreground, share);
  const contrast = document.body.className.includes("high-contrast") ? (pick("contrastBorder") ?? foreground) : null;
  return {
    background,
    foreground,
    dim: pick("descriptionForeground") ?? shade(0.65),
    box: contrast ? background : (pick("editorWidget-background") ?? shade(0.04)),
    boxBorder: contrast ?? shade(0.45),
    pill: contrast ? background : shade(0.1),
    frame: contrast ? background : shade(0.035),
    frameBorder: contrast ?? shade(0.16),
    edge: contrast ? foreground : shade(0.55),
    quietEdge: contrast ? shade(0.6) : shade(0.24),
    leaf: pick("charts-blue") ?? foreground,
    parameter: pick("charts-purple") ?? foreground,
    accent: pick("focusBorder", "contrastActiveBorder") ?? foreground,
    found: pick("editor-findMatchHighlightBackground", "charts-yellow") ?? shade(0.25),
    error: pick("editorError-foreground", "charts-red") ?? foreground,
    warning: pick("editorWarning-foreground", "charts-yellow") ?? foreground,
    vanishing: pick(ownColors.vanishing, "charts-blue") ?? foreground,
    median: pick(ownColors.median) ?? shade(0.45),
    exploding: pick(ownColors.exploding, "charts-red") ?? foreground,
    isHighContrast: contrast !== null,
  };
}

function readFonts(variables: CSSStyleDeclaration): Pick<Theme, "fontFamily" | "codeFontFamily"> {
  const family = (name: string, fallback: string): string => variables.getPropertyValue(name).trim() || fallback;
  return {
    fontFamily: family("--vscode-font-family", "system-ui, sans-serif"),
    codeFontFamily: family("--vscode-editor-font-family", "monospace"),
  };
}

/** Lets the browser work out a colour, whatever way it is written in: a name, `color-mix(…)`, another variable. */
function colorResolver(): ((value: string) => string | null) & { dispose(): void } {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const resolve = (value: string): string | null => {
    if (value.trim() === "") return null;
    probe.style.color = "";
    probe.style.color = value.trim();
    if (probe.style.color === "") return null;
    const parsed = parseColor(getComputedStyle(probe).color);
    return parsed ? toCss(parsed) : null;
  };
  return Object.assign(resolve, { dispose: () => probe.remove() });
}
