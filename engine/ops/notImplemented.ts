import type { DType } from "../base/dtype.ts";
import { AutogradError, DTypeError } from "../base/errors.ts";

/** The formula of a derivative that PyTorch has none for either: an error as soon as somebody asks for it. */
export const notImplemented = (name: string) => (): never => {
  throw new AutogradError(`the derivative for '${name}' is not implemented`);
};

/** What it is to call an op with a dtype that it has no kernel for; `hint` says what to do. */
export const notImplementedFor = (op: string, dtype: DType, hint = 'convert with .to("float32")'): DTypeError =>
  new DTypeError(op, `not implemented for '${dtype}': ${hint}`);
