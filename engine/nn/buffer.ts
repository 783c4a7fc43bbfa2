import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, checkOptions } from "../base/errors.ts";

/** A tensor that a module finds among its properties and keeps as a buffer. */
export interface Buffer extends Tensor {
  /** Whether it belongs to the state dict of the modules that hold it. */
  persistent: boolean;
}

/** Options of `nn.Buffer`. */
export interface BufferOptions {
  /** Whether it belongs to the state dict. Default true. */
  readonly persistent?: boolean | undefined;
}

interface BufferConstructor {
  /** A leaf on the elements of `data`, outside the graph `data` may be in. The storage is shared. */
  new (data: Tensor, options?: BufferOptions): Buffer;
  readonly prototype: Tensor;
}

/** What `nn.Buffer` made. Beside the tensors, because hardly any is one. */
const made = new WeakSet<Tensor>();

/** Makes buffers: plain tensors with a mark, for which `instanceof nn.Buffer` asks. */
export const Buffer: BufferConstructor = Object.defineProperties(makeBuffer, {
  name: { value: "Buffer" },
  prototype: { value: Tensor.prototype },
  [Symbol.hasInstance]: { value: isBuffer },
}) as unknown as BufferConstructor;

function makeBuffer(data: Tensor, options: BufferOptions = {}): Buffer {
  if (!(data instanceof Tensor))
    throw new ArgumentError("Buffer", `expected a tensor, but got ${data === null ? "null" : typeof data}`);
  checkOptions("Buffer", options, ["persistent"]);
  const buffer = data.detach().requiresGrad_(data.requiresGrad);
  made.add(buffer);
  return Object.assign(buffer, { persistent: options.persistent ?? true });
}

/** Whether a value is a buffer that `nn.Buffer` made. */
export function isBuffer(value: unknown): value is Buffer {
  return value instanceof Tensor && made.has(value);
}
