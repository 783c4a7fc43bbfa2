/** `func.*` of the public surface: modules as functions of their parameters. */
export { type FunctionalCallOptions, functionalCall } from "../nn/functionalCall.ts";
