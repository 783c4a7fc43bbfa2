import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import type { PositionalArgs } from "../../base/options.ts";
import { LRScheduler, required, type ScheduledOptimizer } from "./scheduler.ts";

interface CosineOptions {
  tMax: number;
  etaMin: number;
}

/** Falls from the base rate to `etaMin` over `tMax` epochs along half a cosine, then rises again. */
export class CosineAnnealingLR extends LRScheduler {
  /** Steps from the largest rate to the smallest. */
  readonly tMax: number;
  /** The smallest rate. */
  readonly etaMin: number;

  constructor(optimizer: ScheduledOptimizer, ...args: PositionalArgs<[tMax: number, etaMin: number], CosineOptions>) {
    super(optimizer);
    const { tMax, etaMin } = readArguments<Partial<CosineOptions>>("CosineAnnealingLR", args, ["tMax", "etaMin"]);
    this.tMax = required("CosineAnnealingLR", "tMax", tMax);
    this.etaMin = etaMin ?? 0;
    this.step();
  }

  override getLr(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    if (lastEpoch === 0) return this.eachRate((lr) => lr);
    const cosine = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / tMax);
    // At the bottom the quotient below would be 0 / 0.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      return this.eachRate((lr, base) => lr + ((base - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2);
    }
    const factor = cosine(lastEpoch) / cosine(lastEpoch - 1);
    return this.eachRate((lr) => factor * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    return this.baseLrs.map((base) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2);
  }
}

interface RestartOptions {
  t0: number;
  tMult: number;
  etaMin: number;
}

/** Falls along half a cosine, then starts again; each time takes `tMult` times as long. `step(1.5)` may stand between epochs. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** Steps until the first restart. */
  readonly t0: number;
  /** By what the way to the next restart grows at each. */
  readonly tMult: number;
  /** The smallest rate. */
  readonly etaMin: number;
  /** Length of the present fall. */
  tI: number;
  /** How far it is. */
  tCur = 0;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[t0: number, tMult: number, etaMin: number], RestartOptions>
  ) {
    super(optimizer);
    const op = "CosineAnnealingWarmRestarts";
    const given = readArguments<Partial<RestartOptions>>(op, args, ["t0", "tMult", "etaMin"]);
    const t0 = required(op, "t0", given.t0);
    if (!Number.isInteger(t0) || t0 <= 0) throw new ArgumentError(op, `Expected positive integer t0, but got ${t0}`);
    this.t0 = t0;
    this.tI = t0;
    this.tMult = given.tMult ?? 1;
    this.etaMin = given.etaMin ?? 0;
    if (!Number.isInteger(this.tMult) || this.tMult < 1) {
      throw new ArgumentError(op, `Expected integer tMult >= 1, but got ${this.tMult}`);
    }
    this.step(0);
  }

  override getLr(): number[] {
    const { etaMin } = this;
    const height = (1 + Math.cos((Math.PI * this.tCur) / this.tI)) / 2;
    return this.baseLrs.map((base) => etaMin + (base - etaMin) * height);
  }

  override step(epoch?: number): void {
    if (epoch === undefined) this.advance();
    else this.jump(epoch);
    this.apply(this.getLr());
  }

  private advance(): void {
    this.lastEpoch++;
    this.tCur++;
    if (this.tCur < this.tI) return;
    this.tCur -= this.tI;
    this.tI *= this.tMult;
  }

  private jump(epoch: number): void {
    const { t0, tMult } = this;
    if (epoch < 0)
      throw new ArgumentError("CosineAnnealingWarmRestarts", `Expected non-negative epoch, but got ${epoch}`);
    const falls =
      epoch < t0
        ? 0
        : tMult === 1
          ? Math.floor(epoch / t0)
          : Math.floor(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult));
    const before = tMult === 1 ? t0 * falls : (t0 * (tMult ** falls - 1)) / (tMult - 1);
    this.tI = t0 * tMult ** falls;
    this.tCur = epoch - before;
    this.lastEpoch = Math.floor(epoch);
  }
}
