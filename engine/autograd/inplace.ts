import { now } from "../base/clock.ts";
import { type DType, isFloat } from "../base/dtype.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { scatter } from "../kernels/copy.ts";
import { watch } from "./observer.ts";
import { Operands } from "./operands.ts";
import { OpNode } from "./opNode.ts";
import { savingCopiesOf } from "./saved.ts";
import { densely, type Tensor } from "./tensor.ts";
import { checkInPlace, checkTracked, rebaseHistory } from "./views.ts";
import { aboutToWrite } from "./writes.ts";

/**
 * Runs `compute` out of place and writes its result over `x`: in-place ops differ from their out-of-place twins only in
 * where the result lives and in the history of `x`. Checks come first, so that a refused op has written nothing.
 */
export function inPlace(name: string, x: Tensor, compute: () => Tensor): Tensor {
  checkInPlace(name, x);
  const { observer } = watch;
  const start = observer === null ? 0 : now();
  const operands = observer === null ? null : new Operands(x);
  watch.observer = operands;
  try {
    const result = savingCopiesOf(x, compute);
    watch.observer = null;
    if (!sameShape(result.shape, x.shape)) {
      throw new ShapeError(
        name,
        `output with shape ${showShape(x.shape)} doesn't match the broadcast shape ${showShape(result.shape)}`,
      );
    }
    if (!canHold(x.dtype, result.dtype)) {
      throw new DTypeError(name, `result type ${result.dtype} can't be cast to the desired output type ${x.dtype}`);
    }
    const cast = result.dtype === x.dtype ? result : result.to(x.dtype);
    const node = cast.gradFn;
    if (node !== null) checkTracked(name, x, true);
    aboutToWrite(x.storage);
    scatter(densely(cast).storage.values, cast.offset, x);
    x.storage.version++;
    if (node instanceof OpNode) retarget(node, x, cast);
    if (node !== null) rebaseHistory(x, node);
    watch.observer = observer;
    if (observer !== null && operands !== null) {
      const { kind: op, attrs, inputs } = operands;
      observer.op({ op, name, symbol: name, inputs, outputs: [x], attrs, node, start, end: now() });
    }
  } finally {
    watch.observer = observer;
  }
  return x;
}

const kind = (dtype: DType): number => (dtype === "bool" ? 0 : isFloat(dtype) ? 2 : 1);
const canHold = (target: DType, value: DType): boolean => kind(value) <= kind(target);

/** A saved result now lives in `x`: later writes to `x` must be noticed. */
function retarget(node: OpNode, x: Tensor, result: Tensor): void {
  node.saved.forEach((slot, i) => {
    if (slot === result) {
      node.saved[i] = x;
      node.savedVersions = node.savedVersions.with(i, x.storage.version);
    }
  });
}
