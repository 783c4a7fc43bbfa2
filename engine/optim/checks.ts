import { ArgumentError } from "../base/errors.ts";

/** Throws PyTorch's "Invalid …" when a number is not in range; `range` says what is. */
export function checkNumber(op: string, what: string, value: number, valid: boolean, range: string): void {
  if (!valid) throw new ArgumentError(op, `Invalid ${what}: ${value}. It must be ${range}.`);
}

/** Throws what PyTorch's newer optimizers say of a number below the least one. */
export function checkAtLeast(op: string, what: string, value: number, least: number): void {
  if (!(value >= least)) throw new ArgumentError(op, `${what} should be >= ${least} but is: ${value}`);
}

/** Throws what they say of a number above the greatest one. */
export function checkAtMost(op: string, what: string, value: number, most: number): void {
  if (!(value <= most)) throw new ArgumentError(op, `${what} should be <= ${most} but is: ${value}`);
}

export const checkRate = (op: string, lr: number): void => checkNumber(op, "learning rate", lr, lr >= 0, "0 or more");

export const checkDecay = (op: string, decay: number): void =>
  checkNumber(op, "weight_decay value", decay, decay >= 0, "0 or more");

export const checkEps = (op: string, eps: number): void => checkNumber(op, "epsilon value", eps, eps >= 0, "0 or more");

export function checkBetas(op: string, betas: readonly number[]): void {
  if (betas?.length !== 2) throw new ArgumentError(op, `betas must be two numbers, but got ${String(betas)}`);
  betas.forEach((beta, i) => {
    checkNumber(op, `beta parameter at index ${i}`, beta, beta >= 0 && beta < 1, "at least 0 and less than 1");
  });
}
