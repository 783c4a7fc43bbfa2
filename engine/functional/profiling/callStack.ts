interface StackHost {
  Error: { stackTraceLimit?: number };
}

/** A line of a stack trace that names a place: V8 writes `at f (file:1:2)`. */
const FRAME = /^\s*at (.+)$/;
const DEEPEST = 40;

/** Where the engine itself lies: frames from there say nothing to the user. */
const own = ownPlace();

/** The user's calls that led here, the innermost first, at most `depth` of them. */
export function callStack(depth: number): readonly string[] {
  const frames: string[] = [];
  for (const frame of framesOf(DEEPEST)) {
    if (frame.includes(own) || frame.includes("node:internal")) continue;
    frames.push(frame);
    if (frames.length === depth) break;
  }
  return frames;
}

function framesOf(limit: number): string[] {
  const host = (globalThis as unknown as StackHost).Error;
  const before = host.stackTraceLimit;
  host.stackTraceLimit = limit;
  const { stack } = new Error();
  if (before !== undefined) host.stackTraceLimit = before;
  return String(stack ?? "")
    .split("\n")
    .flatMap((line) => FRAME.exec(line)?.[1] ?? []);
}

/** The engine's folder, or the one file that it is bundled into. */
function ownPlace(): string {
  const [here = ""] = framesOf(8);
  const file = here.replace(/^.*\((.*)\)$/, "$1").replace(/:\d+:\d+$/, "");
  const folder = file.lastIndexOf("/functional/profiling/");
  return folder === -1 ? file || "\0" : file.slice(0, folder + 1);
}
