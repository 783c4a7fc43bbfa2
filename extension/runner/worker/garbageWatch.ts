import { constants, PerformanceObserver, type PerformanceObserverEntryList } from "node:perf_hooks";

const { NODE_PERFORMANCE_GC_MINOR, NODE_PERFORMANCE_GC_MAJOR, NODE_PERFORMANCE_GC_INCREMENTAL } = constants;

/** Node's kinds of garbage collection, as recordings number them. Any other is that of weak references. */
const kinds = new Map<unknown, number>([
  [NODE_PERFORMANCE_GC_MINOR, 1],
  [NODE_PERFORMANCE_GC_MAJOR, 2],
  [NODE_PERFORMANCE_GC_INCREMENTAL, 3],
]);
const WEAK_REFERENCES = 4;

/**
 * Tells of each garbage collection of this thread, once its event loop turns. Times are milliseconds of
 * `performance.now()`.
 */
export class GarbageWatch {
  readonly #observer: PerformanceObserver;
  readonly #tell: (kind: number, start: number, end: number) => void;

  constructor(tell: (kind: number, start: number, end: number) => void) {
    this.#tell = tell;
    this.#observer = new PerformanceObserver((list) => this.#tellAll(list.getEntries()));
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** Tells of those that were not told yet. */
  flush(): void {
    this.#tellAll(this.#observer.takeRecords());
  }

  #tellAll(entries: ReturnType<PerformanceObserverEntryList["getEntries"]>): void {
    for (const entry of entries) {
      const { startTime, duration, detail } = entry as typeof entry & { readonly detail?: { readonly kind?: unknown } };
      this.#tell(kinds.get(detail?.kind) ?? WEAK_REFERENCES, startTime, startTime + duration);
    }
  }
}
