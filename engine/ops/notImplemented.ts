import { AutogradError } from "../base/errors.ts";

/** The formula of a derivative that PyTorch has none for either: an error as soon as somebody asks for it. */
export const notImplemented = (name: string) => (): never => {
  throw new AutogradError(`the derivative for '${name}' is not implemented`);
};
