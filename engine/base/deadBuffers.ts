// Buffers die with the graph that holds them, many at a time and young. The host goes by how many objects it has made, which are few,
// and lets hundreds of megabytes pile up before it looks through all it has: meanwhile each step works in memory that is in no
// cache, and that the system must clear first. So backward looks when it begins: the graph of the step before is dead by then, and no
// collection has run since this one was begun, so that none of it is promoted.

interface Host {
  readonly gc?: Collect;
  readonly process?: {
    readonly versions: { readonly electron?: string };
    getBuiltinModule?(name: string): unknown;
  };
}

type Collect = (options: { readonly type: "minor" }) => void;

const host = globalThis as unknown as Host;

/** Bytes of large buffers from which on it is worth to look for dead ones: a look takes about a third of a millisecond. */
const MOST = 24 << 20;

let made = 0;
let collect: Collect | null | undefined;

/** Counts a large buffer that has been made. */
export function countBuffer(bytes: number): void {
  made += bytes;
}

/** Has the host free what has died young, when there may be much of it. */
export function freeDeadBuffers(): void {
  if (made < MOST) return;
  made = 0;
  if (collect === undefined) collect = findCollector();
  collect?.({ type: "minor" });
}

/** The host's collector of young objects, or null. */
function findCollector(): Collect | null {
  if (host.gc !== undefined) return host.gc;
  const { process } = host;
  // Electron may have sealed the flags, and ends when one is changed then.
  if (process?.getBuiltinModule === undefined || process.versions.electron !== undefined) return null;
  try {
    const v8 = process.getBuiltinModule("node:v8") as { setFlagsFromString(flags: string): void };
    const vm = process.getBuiltinModule("node:vm") as { runInNewContext(code: string): Collect };
    v8.setFlagsFromString("--expose-gc");
    const found = vm.runInNewContext("gc");
    v8.setFlagsFromString("--no-expose-gc");
    return found;
  } catch {
    return null;
  }
}
