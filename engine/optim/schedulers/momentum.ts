import { ArgumentError } from "../../base/errors.ts";
import { groupsOf, type ScheduledGroup, type ScheduledOptimizer } from "./scheduler.ts";

/** Throws unless the optimizer has a momentum, or a beta that acts as one. */
export function checkMomentum(op: string, optimizer: ScheduledOptimizer): void {
  const supported = groupsOf(optimizer).every((group) => group.momentum !== undefined || group.betas !== undefined);
  if (!supported) {
    throw new ArgumentError(
      op,
      "optimizer must support momentum or beta1 with the 'cycleMomentum' option enabled: pass { cycleMomentum: false }",
    );
  }
}

export function setMomentum(group: ScheduledGroup, momentum: number): void {
  if (group.betas !== undefined) group.betas = [momentum, group.betas[1]];
  else group.momentum = momentum;
}
