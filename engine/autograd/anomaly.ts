import type { Node } from "./node.ts";
import { runThen } from "./settled.ts";
import { warn } from "./warnings.ts";

/** Where a node came from, kept while anomaly detection is on. */
interface Origin {
  readonly calls: Calls;
  /** The node of backward that was running: this one belongs to the graph of a gradient. */
  readonly parent: Node | null;
}

/** The state of anomaly detection. `origins` holds what nodes were made since it was switched on. */
export const anomaly = {
  enabled: false,
  checkNan: true,
  running: null as Node | null,
  origins: new WeakMap<Node, Origin>(),
};

/** Options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Throw when a backward function gives NaN. Default true. */
  readonly checkNan?: boolean;
}

/**
 * Runs `fn`, sync or async, with every result of backward checked for NaN: the first one is an error that names the node.
 * Any error of backward comes with the stack of the forward call that made the node.
 */
export function detectAnomaly<R>(fn: () => R, options: AnomalyOptions = {}): R {
  warn(
    "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
  );
  const { enabled, checkNan } = anomaly;
  const restore = (): void => setDetectAnomaly(enabled, { checkNan });
  setDetectAnomaly(true, options);
  return runThen(fn, restore);
}

/** Switches anomaly detection on or off for good. */
export function setDetectAnomaly(enabled: boolean, options: AnomalyOptions = {}): void {
  anomaly.enabled = enabled;
  anomaly.checkNan = options.checkNan ?? true;
}

/** Remembers which call made a node. */
export function rememberOrigin(node: Node): void {
  anomaly.origins.set(node, { calls: new Calls(), parent: anomaly.running });
}

/** The calls that led to where it was made. Noting them costs a tenth of writing them out, which is left until somebody asks. */
export class Calls {
  private readonly error: Error;

  constructor() {
    const errors = Error as { stackTraceLimit?: number };
    const before = errors.stackTraceLimit;
    errors.stackTraceLimit = 50;
    this.error = new Error();
    if (before !== undefined) errors.stackTraceLimit = before;
  }

  /** One a line. */
  toString(): string {
    const { stack = "" } = this.error;
    return stack
      .split("\n")
      .filter((line) => line.startsWith("    at ") && !OWN_FRAME.test(line))
      .join("\n");
  }
}

/** A frame of the engine or of the host rather than of the user's program. */
const OWN_FRAME = /[/\\]engine[/\\](autograd|base|functional|ops)[/\\]|[/\\]dist[/\\]engine\.js|\(?node:/;

/** Runs a node of backward with its hooks; an error is preceded by a warning that tells where the node came from. */
export function traced(node: Node, run: () => void): void {
  const outer = anomaly.running;
  anomaly.running = node;
  try {
    run();
  } catch (error) {
    warn(originOf(node));
    throw error;
  } finally {
    anomaly.running = outer;
  }
}

function originOf(node: Node): string {
  const origin = anomaly.origins.get(node);
  if (origin === undefined) {
    return `Error detected in ${node.name}. No forward pass information available. Run the forward pass inside detectAnomaly() too.`;
  }
  let text = `Error detected in ${node.name}. Traceback of forward call that caused the error:\n${origin.calls}`;
  for (let { parent } = origin; parent !== null; parent = anomaly.origins.get(parent)?.parent ?? null) {
    const calls = anomaly.origins.get(parent)?.calls ?? "    (made outside of detectAnomaly)";
    text += `\n\nPrevious calculation was induced by ${parent.name}. Traceback of forward call that induced the previous calculation:\n${calls}`;
  }
  return text;
}
