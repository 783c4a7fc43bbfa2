import { Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";

/** Transposes as properties. */
export interface Transposes {
  /** All dimensions in reverse order. */
  readonly T: Tensor;
  /** The last two dimensions swapped. */
  readonly mT: Tensor;
  /** A matrix transposed (and conjugated, were there complex numbers). */
  readonly H: Tensor;
  /** As `mT`. */
  readonly mH: Tensor;
}

const reversed = (x: Tensor): Tensor => x.permute(x.shape.map((_, d) => x.ndim - 1 - d));

function lastTwoSwapped(name: string, x: Tensor): Tensor {
  if (x.ndim === 0) return x;
  if (x.ndim >= 2) return x.transpose(-2, -1);
  throw new ShapeError(
    name,
    `tensor.${name} is only supported on matrices or batches of matrices, but got shape ${showShape(x.shape)}`,
  );
}

function matrixTransposed(x: Tensor): Tensor {
  if (x.ndim === 0) return x;
  if (x.ndim === 2) return x.transpose(0, 1);
  throw new ShapeError(
    "H",
    `tensor.H is only supported on matrices (2-D tensors), but got shape ${showShape(x.shape)}`,
  );
}

/** Gives Tensor its transposes. */
export function installTransposes(): void {
  const getters: Record<keyof Transposes, (x: Tensor) => Tensor> = {
    T: reversed,
    mT: (x) => lastTwoSwapped("mT", x),
    H: matrixTransposed,
    mH: (x) => lastTwoSwapped("mH", x),
  };
  for (const [name, getter] of Object.entries(getters)) {
    Object.defineProperty(Tensor.prototype, name, {
      configurable: true,
      get(this: Tensor) {
        return getter(this);
      },
    });
  }
}
