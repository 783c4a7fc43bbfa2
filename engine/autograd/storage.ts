import type { TypedArray } from "../base/dtype.ts";

/** A buffer that one or more tensors are windows on. */
export class Storage {
  readonly values: TypedArray;
  /** How often an in-place op wrote to it. Saved tensors remember it, so that backward never reads a changed value. */
  version = 0;
  /**
   * How often the running backward handed it to an edge. A gradient handed over once may become `.grad` as it is;
   * one that others hold is copied, so that `.grad` never aliases anything.
   */
  handed = 0;

  constructor(values: TypedArray) {
    this.values = values;
  }
}
