/** What a measurement came to. */
export interface Timing {
  readonly median_ms: number;
  readonly min_ms: number;
  readonly iterations: number;
}

/** One line of `npm run bench`. */
export interface Row extends Timing {
  readonly name: string;
  /** What the first run computed, to be compared with other engines. */
  readonly check?: number;
  readonly [more: string]: number | string | undefined;
}

/** Something that can be measured by itself. A file of benchmarks exports a list of these called `benchmarks`. */
export interface Benchmark {
  readonly name: string;
  measure(): Promise<Row> | Row;
}

/** How long to measure. */
export interface Patience {
  readonly minIterations: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Long enough that the fastest run is one that nothing disturbed. `GRADLENS_BENCH_MS` shortens or lengthens it. */
export const usualPatience: Patience = {
  minIterations: 20,
  minMs: Number(process.env["GRADLENS_BENCH_MS"] ?? 1500),
  maxMs: 12_000,
};

/** One step of a workload: does its work, waits for it, and gives what it computed. */
export type Step = () => number | Promise<number>;

/** The first run, which also compiles, and then many. */
export async function measureSteps(
  step: Step,
  patience = usualPatience,
): Promise<Timing & { readonly check: number; readonly first_ms: number }> {
  const began = performance.now();
  const check = await step();
  const first_ms = performance.now() - began;
  await warmUp(step, patience);
  return { check, first_ms, ...summary(await times(step, patience)) };
}

async function warmUp(step: Step, { maxMs }: Patience): Promise<void> {
  const began = performance.now();
  const isWarm = (runs: number): boolean => runs >= 3000 || performance.now() - began > 500;
  for (let runs = 0; runs < 5 || !isWarm(runs); runs++) {
    await step();
    if (performance.now() - began > maxMs / 4) return;
  }
}

async function times(step: Step, { minIterations, minMs, maxMs }: Patience): Promise<number[]> {
  const found: number[] = [];
  const began = performance.now();
  for (;;) {
    const start = performance.now();
    const result = step();
    // Waiting for a number that is there would be measured, too.
    if (typeof result !== "number") await result;
    const end = performance.now();
    found.push(end - start);
    const isEnough = found.length >= minIterations && end - began > minMs;
    if (isEnough || found.length >= 20_000 || end - began > maxMs) return found;
  }
}

/** Median and minimum: noise only ever adds time, so the minimum is the steadier of the two. */
export function summary(found: readonly number[]): Timing {
  const sorted = [...found].sort((a, b) => a - b);
  const median_ms = sorted[sorted.length >> 1] ?? Number.NaN;
  return { median_ms, min_ms: sorted[0] ?? Number.NaN, iterations: found.length };
}
