import { GradlensError } from "./errors.ts";

const N = 624;
const M = 397;

/** Everything a generator needs to go on from where it is: take it with `getState`, put it back with `setState`. */
export interface RngState {
  /** What the generator was seeded with. */
  readonly seed: number;
  /** The 624 words of the Mersenne Twister. */
  readonly words: Uint32Array;
  /** How many of them have been used. */
  readonly used: number;
  /** The second half of the last pair of normal numbers, while nobody has taken it. */
  readonly spareNormal: number | null;
}

/** Why no generator may draw now; null when it may. */
let refusal: string | null = null;

/** Runs `fn`, inside of which drawing a random number throws an error with this message, unless there is no message. */
export function refusingRandom<R>(message: string | null, fn: () => R): R {
  const before = refusal;
  refusal = message ?? before;
  try {
    return fn();
  } finally {
    refusal = before;
  }
}

/**
 * PyTorch's CPU generator: MT19937, seeded and read as PyTorch does it, so that the same seed gives the same numbers.
 */
export class Generator {
  private readonly words = new Uint32Array(N);
  private used = N;
  private seededWith = 0;
  private spareNormal: number | null = null;

  constructor(seed = unpredictable()) {
    this.manualSeed(seed);
  }

  /** Starts again from a seed; negative ones count from 2⁶⁴ down, as in PyTorch. */
  manualSeed(seed: number): this {
    if (!Number.isInteger(seed))
      throw new GradlensError(`manualSeed(): a seed is an integer, but got ${seed}`, "manualSeed");
    const { words } = this;
    words[0] = ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32;
    for (let i = 1; i < N; i++) {
      const before = words[i - 1] ^ (words[i - 1] >>> 30);
      words[i] = Math.imul(1812433253, before) + i;
    }
    this.used = N;
    this.seededWith = seed;
    this.spareNormal = null;
    return this;
  }

  /** Starts again from a seed nobody can foresee, and gives it. */
  seed(): number {
    const seed = unpredictable();
    this.manualSeed(seed);
    return seed;
  }

  /** The seed of the last `manualSeed`, or the one it began with. */
  initialSeed(): number {
    return this.seededWith;
  }

  /** The state to come back to with `setState`. */
  getState(): RngState {
    return { seed: this.seededWith, words: this.words.slice(), used: this.used, spareNormal: this.spareNormal };
  }

  /** Goes on from where `getState` was called. */
  setState(state: RngState): this {
    if (state?.words?.length !== N)
      throw new GradlensError("setRngState(): expected what getRngState() gave", "setRngState");
    this.words.set(state.words);
    this.used = state.used;
    this.seededWith = state.seed;
    this.spareNormal = state.spareNormal;
    return this;
  }

  /** The next 32 bits. */
  random(): number {
    if (refusal !== null) throw new GradlensError(refusal);
    if (this.used >= N) this.twist();
    let y = this.words[this.used++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** The next 64 bits, as the upper and the lower half: the upper one is drawn first. */
  random64(): bigint {
    return (BigInt(this.random()) << 32n) | BigInt(this.random());
  }

  /** In [0, 1) with the 24 bits that a float32 holds. */
  uniformFloat(): number {
    return (this.random() & 0xffffff) / 2 ** 24;
  }

  /** In [0, 1) with the 53 bits that a float64 holds. */
  uniformDouble(): number {
    const upper = this.random() & 0x1fffff;
    return (upper * 2 ** 32 + this.random()) / 2 ** 53;
  }

  /** An integer in [0, range), range at most 2⁵³. From 2²⁸ on 64 bits are drawn (PyTorch 2.7), else 32. */
  below(range: number): number {
    return range >= 2 ** 28 ? Number(this.random64() % BigInt(range)) : this.random() % range;
  }

  /** Standard normal, by Box and Muller: two uniform numbers make a pair, whose second half is kept for the next call. */
  normal(): number {
    const spare = this.spareNormal;
    if (spare !== null && refusal === null) {
      this.spareNormal = null;
      return spare;
    }
    const u1 = this.uniformDouble();
    const u2 = this.uniformDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-u2));
    const angle = 2 * Math.PI * u1;
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Makes the next 624 words. Three loops, because the neighbours of the last ones stand at the beginning. */
  private twist(): void {
    const { words } = this;
    for (let i = 0; i < N - M; i++) words[i] = words[i + M] ^ mix(words[i], words[i + 1]);
    for (let i = N - M; i < N - 1; i++) words[i] = words[i + M - N] ^ mix(words[i], words[i + 1]);
    words[N - 1] = words[M - 1] ^ mix(words[N - 1], words[0]);
    this.used = 0;
  }
}

/** The upper bit of one word and the others of the next, through the twister's matrix. */
function mix(word: number, next: number): number {
  const y = (word & 0x80000000) | (next & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}

function unpredictable(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}

/** Where random numbers come from unless a generator is given. */
export const defaultGenerator = new Generator();

/** Seeds the default generator: the same seed gives the same random numbers. */
export const manualSeed = (seed: number): Generator => defaultGenerator.manualSeed(seed);

/** The seed the default generator began with. */
export const initialSeed = (): number => defaultGenerator.initialSeed();

/** Seeds the default generator with a number nobody can foresee, and gives it. */
export const seed = (): number => defaultGenerator.seed();

/** The state of the default generator, to go back to with `setRngState`. */
export const getRngState = (): RngState => defaultGenerator.getState();

/** Puts the default generator back into a state that `getRngState` gave. */
export const setRngState = (state: RngState): void => {
  defaultGenerator.setState(state);
};
