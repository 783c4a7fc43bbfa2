/** `optim.*` of the public surface. */
export * from "../optim/namespace.ts";
export * as swaUtils from "./swaUtils.ts";
