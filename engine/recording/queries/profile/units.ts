/** A duration with three or four digits: `812 ns`, `1.24 ms`, `12.3 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (!Number.isFinite(ms)) return "?";
  if (size >= 60_000) return `${digits(ms / 60_000)} min`;
  if (size >= 1000) return `${digits(ms / 1000)} s`;
  if (size >= 1 || ms === 0) return `${digits(ms)} ms`;
  return size >= 1e-3 ? `${digits(ms * 1e3)} µs` : `${digits(ms * 1e6)} ns`;
}

/** A size in steps of 1024: `640 B`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  return inSteps(bytes, 1024, ["B", "KB", "MB", "GB", "TB", "PB"]);
}

/** Floating-point operations: `640`, `3.1 M`, `12 G`. */
export function formatFlops(flops: number): string {
  return inSteps(flops, 1000, ["", "k", "M", "G", "T", "P"]).trimEnd();
}

/** A share: `12.3%`, `0.04%`. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  return `${percent >= 99.95 ? "100" : percent >= 10 ? percent.toFixed(1) : percent.toFixed(2)}%`;
}

function inSteps(value: number, step: number, units: readonly string[]): string {
  let rest = Math.abs(value);
  let unit = 0;
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit++;
  }
  const shown = unit === 0 ? String(Math.round(rest)) : digits(rest);
  return `${value < 0 ? "−" : ""}${shown} ${units[unit]}`;
}

function digits(x: number): string {
  const size = Math.abs(x);
  const text = x === 0 ? "0" : size >= 100 ? x.toFixed(0) : size >= 10 ? x.toFixed(1) : x.toFixed(2);
  return text.replace("-", "−");
}
