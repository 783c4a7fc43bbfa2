import { causes } from "./nonFinite/causes.ts";

/** Every word that stands as the cause of an alert's origin. */
export const knownCauses: readonly string[] = [
  ...causes.map(({ cause }) => cause),
  "detached",
  "no-grad-mode",
  "item",
  "copy",
  "non-differentiable-op",
  "integer-cast",
];
