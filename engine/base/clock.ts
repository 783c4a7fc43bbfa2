interface Host {
  performance: { now(): number };
}

// Taken once: in Node it is a getter, and asking it takes longer than the clock does.
const { performance } = globalThis as unknown as Host;

/** Milliseconds since some fixed moment, with fractions. */
export const now = (): number => performance.now();
