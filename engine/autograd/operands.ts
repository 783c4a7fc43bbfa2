import type { Op } from "../ops/op.ts";
import type { Observer, OpEvent } from "./observer.ts";
import type { Tensor } from "./tensor.ts";

const ignore = (): void => {};

/**
 * Listens while an in-place op computes its result, to tell what it reads besides the tensor that it changes. An op made
 * of several reads what goes into them and none of them made.
 */
export class Operands implements Observer {
  /** What was read; the changed tensor stands first. */
  readonly inputs: (Tensor | number | null)[];
  /** The op that computed the result; null when it took several. */
  kind: Op | null = null;
  attrs: unknown = null;
  private readonly made: Tensor[] = [];
  private count = 0;

  readonly backwardStart = ignore;
  readonly backwardEnd = ignore;
  readonly node = ignore;
  readonly accumulate = ignore;
  readonly hook = ignore;
  readonly optimizerStart = ignore;
  readonly optimizerEnd = ignore;
  readonly zeroGrad = ignore;
  readonly scopeStart = ignore;
  readonly scopeEnd = ignore;
  readonly gradcheck = ignore;

  constructor(changed: Tensor) {
    this.inputs = [changed];
  }

  op(event: OpEvent): void {
    const isOnly = this.count++ === 0;
    for (const input of event.inputs) {
      if (input === null || (typeof input === "number" && !isOnly)) continue;
      if (typeof input === "number" || !(this.made.includes(input) || this.inputs.includes(input)))
        this.inputs.push(input);
    }
    this.made.push(...event.outputs);
    this.kind = isOnly ? event.op : null;
    this.attrs = isOnly ? event.attrs : null;
  }
}
