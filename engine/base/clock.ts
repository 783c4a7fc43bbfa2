interface Host {
  performance: { now(): number };
}

/** Milliseconds since some fixed moment, with fractions. */
export const now = (): number => (globalThis as unknown as Host).performance.now();
