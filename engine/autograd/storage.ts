import type { TypedArray } from "../base/dtype.ts";
import { nursery } from "./recycling.ts";

/** Of a storage that somebody outside of backward can reach. */
export const SHARED = 2 ** 30;

/** A buffer that one or more tensors are windows on. */
export class Storage {
  declare values: TypedArray;
  /** How often an in-place op wrote to it. Saved tensors remember it, so that backward never reads a changed value. */
  version = 0;
  /**
   * How many edges of the running backward hold it, or SHARED. A gradient that one holds may become `.grad` as it is; one
   * that others hold is copied, so that `.grad` never aliases anything.
   */
  handed = 0;
  /** The backward pass whose formula made it, or 0. */
  declare readonly pass: number;

  constructor(values: TypedArray) {
    this.values = values;
    this.pass = nursery.pass;
    if (this.pass !== 0 && values.length >= nursery.least) nursery.young.push(this);
  }
}
