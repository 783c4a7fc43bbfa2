import { byPosition, readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import type { PositionalArgs } from "../../base/options.ts";
import { LRScheduler, required, type ScheduledOptimizer, type SchedulerStateDict } from "./scheduler.ts";

interface SequentialOptions {
  schedulers: readonly LRScheduler[];
  milestones: readonly number[];
}

/** One scheduler after the other: number i + 1 takes over at milestone i. */
export class SequentialLR extends LRScheduler {
  /** Each in its turn. */
  readonly schedulers: readonly LRScheduler[];
  /** The epochs at which the next takes over. */
  readonly milestones: readonly number[];

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[schedulers: readonly LRScheduler[], milestones: readonly number[]], SequentialOptions>
  ) {
    super(optimizer);
    const given = readArguments<Partial<SequentialOptions>>("SequentialLR", args, ["schedulers", "milestones"]);
    this.schedulers = required("SequentialLR", "schedulers", given.schedulers);
    this.milestones = required("SequentialLR", "milestones", given.milestones);
    checkOptimizers("SequentialLR", this.schedulers, optimizer);
    if (this.milestones.length !== this.schedulers.length - 1) {
      throw new ArgumentError(
        "SequentialLR",
        `expects number of schedulers provided to be one more than the number of milestone points, but got ${this.schedulers.length} schedulers and ${this.milestones.length} milestones`,
      );
    }
    this.lastEpoch = 0;
    // Each scheduler took its first step when it was made: undo that, and let only the first one begin.
    for (const group of this.groups) group.lr = group.initialLr ?? group.lr;
    for (const scheduler of this.schedulers) scheduler.lastEpoch--;
    this.schedulers[0].step();
    this.lastLr = this.schedulers[0].getLastLr();
  }

  override getLr(): number[] {
    return this.groups.map((group) => group.lr);
  }

  override step(): void {
    this.lastEpoch++;
    const at = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[at];
    if (at > 0 && this.milestones[at - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  /** Goes on from where `stateDict` was called. */
  override loadStateDict(dict: SchedulerStateDict): void {
    loadEach(this.schedulers, dict, (own) => super.loadStateDict(own));
  }
}

interface ChainedOptions {
  schedulers: readonly LRScheduler[];
  optimizer: ScheduledOptimizer | undefined;
}

/** Several schedulers at once: each acts on what the ones before it left. */
export class ChainedScheduler extends LRScheduler {
  /** All of them step at every step. */
  readonly schedulers: readonly LRScheduler[];

  constructor(
    ...args: PositionalArgs<
      [schedulers: readonly LRScheduler[], optimizer: ScheduledOptimizer | undefined],
      ChainedOptions
    >
  ) {
    const [schedulers, rest] = byPosition("ChainedScheduler", args, ["schedulers"]) as [
      readonly LRScheduler[],
      (ScheduledOptimizer | Pick<ChainedOptions, "optimizer">)?,
    ];
    const optimizer = rest !== undefined && "paramGroups" in rest ? rest : rest?.optimizer;
    if (!Array.isArray(schedulers) || schedulers.length === 0)
      throw new ArgumentError("ChainedScheduler", "expects at least one scheduler");
    super(optimizer ?? schedulers[0].optimizer);
    checkOptimizers("ChainedScheduler", schedulers, this.optimizer);
    this.schedulers = schedulers;
    this.lastLr = this.groups.map((group) => group.lr);
  }

  override getLr(): number[] {
    return this.groups.map((group) => group.lr);
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.groups.map((group) => group.lr);
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  /** Goes on from where `stateDict` was called. */
  override loadStateDict(dict: SchedulerStateDict): void {
    loadEach(this.schedulers, dict, (own) => super.loadStateDict(own));
  }
}

function checkOptimizers(op: string, schedulers: readonly LRScheduler[], optimizer: ScheduledOptimizer): void {
  const stranger = schedulers.findIndex((scheduler) => scheduler.optimizer !== optimizer);
  if (stranger !== -1) {
    throw new ArgumentError(
      op,
      `expects all schedulers to belong to the same optimizer, but the one at index ${stranger} belongs to another`,
    );
  }
}

function loadEach(
  schedulers: readonly LRScheduler[],
  dict: SchedulerStateDict,
  rest: (own: SchedulerStateDict) => void,
): void {
  const { schedulers: states, ...own } = dict;
  rest(own);
  (states as readonly SchedulerStateDict[]).forEach((state, i) => {
    schedulers[i].loadStateDict(state);
  });
}
