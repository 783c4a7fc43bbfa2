import { type Machine, startMachine } from "./wasm/machine.ts";

/**
 * Which kernels run: "auto" is WebAssembly from the sizes on at which it pays, the other two are all of it that there is,
 * and none of it.
 */
export type KernelChoice = "auto" | "wasm" | "typescript";

/** Sizes from which on WebAssembly is faster, calls and copies included. */
interface Limits {
  /** Multiplications of a product of matrices. */
  product: number;
  /** Elements of a sum, a product and other functions of an instruction or two. */
  plain: number;
  /** Elements of exponentials and what is made of them. */
  curve: number;
  /** Multiplications of a product from which on several threads share it, in all and for each element that is copied. */
  sharedProduct: number;
  sharedProductPerCopy: number;
  /** Elements of a function that several threads share. */
  sharedCurve: number;
}

const MEASURED: Limits = {
  product: 256,
  plain: 128,
  curve: 32,
  sharedProduct: 2e6,
  sharedProductPerCopy: 32,
  sharedCurve: 1 << 17,
};

/** The limits that hold now. */
export const limits: Limits = { ...MEASURED };

let current: Machine | null | undefined;

/** The compiled kernels, started on first use; null when there are none here. */
export function machine(): Machine | null {
  if (current === undefined) {
    current = startMachine();
    if (current === null) say("in plain TypeScript, which is slower: this runtime has no WebAssembly with SIMD");
    else if (!current.fused) say("without fused multiply-adds, which is slower: this runtime has no relaxed SIMD");
  }
  return current;
}

/** Says which kernels run from now on, and gives whether WebAssembly is there to run. */
export function useKernels(choice: KernelChoice): boolean {
  for (const key of Object.keys(MEASURED) as (keyof Limits)[]) {
    limits[key] = choice === "auto" ? MEASURED[key] : choice === "wasm" ? 1 : Number.POSITIVE_INFINITY;
  }
  return machine() !== null;
}

interface Host {
  console: { warn(message: string): void };
}

let isQuiet = false;

/** For helper threads: what is missing in one thread is missing in all, and one of them says so. */
export function leaveWarningsToOthers(): void {
  isQuiet = true;
}

function say(how: string): void {
  if (!isQuiet) (globalThis as unknown as Host).console.warn(`Gradlens computes ${how}.`);
}
