/** `autograd.*` of the public surface. */
export { type AnomalyOptions, detectAnomaly, setDetectAnomaly } from "./anomaly.ts";
export { backward, type BackwardOptions, grad, type GradOptions } from "./backward.ts";
