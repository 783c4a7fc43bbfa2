/** Marks of a time axis: the first one, and how far apart they are, in milliseconds. */
export interface TimeTicks {
  readonly first: number;
  readonly step: number;
  /** How many digits of `unit` tell two marks apart. */
  readonly digits: number;
  readonly unit: TimeUnit;
}

interface TimeUnit {
  readonly name: string;
  readonly ms: number;
}

const units: readonly TimeUnit[] = [
  { name: "s", ms: 1000 },
  { name: "ms", ms: 1 },
  { name: "µs", ms: 1e-3 },
  { name: "ns", ms: 1e-6 },
];

/** Round times, about `room` pixels apart, for a stretch drawn at so many pixels a millisecond. */
export function timeTicks(begin: number, pixelsPerMs: number, room: number): TimeTicks {
  const least = room / pixelsPerMs;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= least) ?? 10);
  const unit = units.find(({ ms }) => step >= ms) ?? units[units.length - 1];
  const digits = Math.max(0, -Math.floor(Math.log10(step / unit.ms) + 1e-9));
  return { first: Math.ceil(begin / step) * step, step, digits, unit };
}

/** `2.5 ms` */
export function tickText(time: number, { unit, digits }: TimeTicks): string {
  const value = time / unit.ms;
  return `${(Math.abs(value) < 10 ** -digits / 2 ? 0 : value).toFixed(digits)} ${unit.name}`.replace("-", "−");
}

/** A time in words short enough for a table: `1.240 ms`, `32.10 µs`. Four digits. */
export function timeText(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms === 0) return "0";
  const size = Math.abs(ms);
  const { name, ms: one } = units.find((unit) => size >= unit.ms * 0.9995) ?? units[units.length - 1];
  return `${(ms / one).toPrecision(4)} ${name}`.replace("-", "−");
}

/** `3.100 MB`, in powers of 1024. */
export function bytesText(bytes: number): string {
  if (!Number.isFinite(bytes)) return "–";
  let size = bytes;
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (Math.abs(size) < 999.95 || unit === "GB")
      return `${unit === "B" ? size.toFixed(0) : size.toPrecision(4)} ${unit}`.replace("-", "−");
    size /= 1024;
  }
  return "";
}

/** How far apart marks of an axis of bytes may be: powers of two, so that each is short in KB, MB or GB. */
export const byteSteps: readonly number[] = Array.from({ length: 44 }, (_, power) => 2 ** power);

/** `4 MB`, `1.5 KB`: a multiple of a power of two, no digit more than it has. */
export function byteTickText(bytes: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(6))} ${["B", "KB", "MB", "GB"][power]}`;
}
