import { ArgumentError } from "../base/errors.ts";
import { setHelperFile, wantedThreads, wantThreads } from "../kernels/threads/team.ts";

interface Host {
  readonly URL?: new (path: string, base: string) => object;
}

const { URL } = globalThis as Host;
const { url } = import.meta as { readonly url?: string };
// Beside the engine in a bundle, in a folder of its own among the sources.
if (URL !== undefined && url !== undefined) {
  setHelperFile(new URL(url.endsWith(".ts") ? "../kernels/threads/helper.ts" : "./kernelHelper.js", url));
}

/** Helpers beyond these would wait for the memory. */
const MOST = 16;

/**
 * Says how many threads work on a large product of matrices or a long curve such as `tanh`: 1 unless it is said. The numbers
 * do not depend on it. Helpers start with the first such work, which is still done without them.
 *
 * @throws ArgumentError unless `n` is a whole number from 1 to 16.
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > MOST) {
    throw new ArgumentError("setNumThreads", `expected a whole number from 1 to ${MOST}, but got ${n}`);
  }
  wantThreads(n);
}

/** How many threads may work on one product of matrices or one long curve. */
export const getNumThreads = (): number => wantedThreads();
