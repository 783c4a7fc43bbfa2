import { isFloat } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import type { Gradients, Node } from "./node.ts";
import { warn } from "./warnings.ts";

const anomaly = { enabled: false, checkNan: true };

/** Options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Throw when a backward function gives NaN. Default true. */
  readonly checkNan?: boolean;
}

/** Runs `fn` with every result of backward checked for NaN: the first one is an error that names the node. */
export function detectAnomaly<R>(fn: () => R, options: AnomalyOptions = {}): R {
  warn("Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.");
  const before = { ...anomaly };
  anomaly.enabled = true;
  anomaly.checkNan = options.checkNan ?? true;
  try {
    return fn();
  } finally {
    Object.assign(anomaly, before);
  }
}

/** Switches anomaly detection on or off for good. */
export function setDetectAnomaly(enabled: boolean, options: AnomalyOptions = {}): void {
  anomaly.enabled = enabled;
  anomaly.checkNan = options.checkNan ?? true;
}

/** Throws when a node gave NaN while anomaly detection is on. */
export function checkFinite(node: Node, gradients: Gradients): void {
  if (!anomaly.enabled || !anomaly.checkNan) return;
  gradients.forEach((gradient, i) => {
    if (gradient === null || gradient === undefined || !isFloat(gradient.dtype)) return;
    if (hasNan(gradient.toArray()))
      throw new AutogradError(`Function '${node.name}' returned nan values in its ${i}th output.`);
  });
}

function hasNan(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
