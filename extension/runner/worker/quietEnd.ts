import timers from "node:timers";

type Interval = ReturnType<typeof timers.setInterval>;

// Taken before the user's program runs, which may replace them.
const { setInterval, setTimeout } = timers;

/** Remembers the intervals a program starts, because Node cannot tell them from timeouts that will end. */
export class IntervalWatch {
  readonly #started = new Set<Interval>();

  /** ES modules see it after `syncBuiltinESMExports`. */
  install(): void {
    const started = this.#started;
    const watched = (...args: Parameters<typeof setInterval>): Interval => {
      const interval = setInterval(...args);
      started.add(interval);
      return interval;
    };
    Object.defineProperty(watched, "name", { value: "setInterval" });
    Object.assign(timers, { setInterval: watched });
    Object.assign(globalThis, { setInterval: watched });
  }

  /** How many intervals keep the program alive when nothing else does; 0 when something else does too. */
  onlyReason(): number {
    let intervals = 0;
    for (const interval of this.#started) {
      if (isCleared(interval)) this.#started.delete(interval);
      else if (interval.hasRef()) intervals += 1;
    }
    const reasons = process.getActiveResourcesInfo();
    for (let i = 0; i < reasons.length; i++) if (reasons[i] !== "Timeout") return 0;
    return reasons.length === intervals ? intervals : 0;
  }
}

function isCleared(interval: Interval): boolean {
  return "_destroyed" in interval && interval._destroyed === true;
}

/** When to end a finished program. */
export interface QuietEnd {
  readonly intervals: IntervalWatch;
  readonly quietMs: number;
  /** Whether the program did anything since this was last asked. */
  readonly wasActive: () => boolean;
  readonly onQuiet: (intervals: number) => void;
}

/** Ends a finished program that only silent intervals keep alive. */
export function endWhenQuiet({ intervals, quietMs, wasActive, onQuiet }: QuietEnd): void {
  const step = Math.min(100, Math.max(10, quietMs / 4));
  let quietFor = 0;
  const check = () => {
    const alive = intervals.onlyReason();
    quietFor = alive > 0 && !wasActive() ? quietFor + step : 0;
    if (quietFor >= quietMs) onQuiet(alive);
    else setTimeout(check, step).unref();
  };
  wasActive();
  setTimeout(check, step).unref();
}
