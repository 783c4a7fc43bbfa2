import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { type PositionalArgs, withDefaults } from "../../base/options.ts";
import { checkMomentum, setMomentum } from "./momentum.ts";
import { LRScheduler, perGroup, required, type ScheduledOptimizer } from "./scheduler.ts";

interface CyclicOptions {
  baseLr: number | readonly number[];
  maxLr: number | readonly number[];
  stepSizeUp: number;
  /** As many as up when null. */
  stepSizeDown: number | null;
  mode: "triangular" | "triangular2" | "exp_range";
  gamma: number;
  /** In place of `mode`: how high a cycle is, or an iteration. */
  scaleFn: ((x: number) => number) | null;
  scaleMode: "cycle" | "iterations";
  cycleMomentum: boolean;
  baseMomentum: number | readonly number[];
  maxMomentum: number | readonly number[];
}

const DEFAULTS: Omit<CyclicOptions, "baseLr" | "maxLr"> = {
  stepSizeUp: 2000,
  stepSizeDown: null,
  mode: "triangular",
  gamma: 1,
  scaleFn: null,
  scaleMode: "cycle",
  cycleMomentum: true,
  baseMomentum: 0.8,
  maxMomentum: 0.9,
};

/** Up and down between `baseLr` and `maxLr`, the momentum the other way. */
export class CyclicLR extends LRScheduler {
  private readonly maxLrs: number[];
  private readonly total: number;
  /** The part of a cycle that rises. */
  private readonly rising: number;
  private readonly options: Omit<CyclicOptions, "baseLr" | "maxLr">;
  private readonly momenta: { readonly low: number[]; readonly high: number[] } | null;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[baseLr: CyclicOptions["baseLr"], maxLr: CyclicOptions["maxLr"]], CyclicOptions>
  ) {
    super(optimizer);
    const names = ["baseLr", "maxLr", ...Object.keys(DEFAULTS)] as (keyof CyclicOptions)[];
    const { baseLr, maxLr, ...rest } = readArguments<Partial<CyclicOptions>>("CyclicLR", args, names);
    this.options = withDefaults("CyclicLR", rest, DEFAULTS);
    const { groups } = this;
    const lowest = perGroup("CyclicLR", "baseLr", required("CyclicLR", "baseLr", baseLr), groups);
    this.baseLrs.splice(0, this.baseLrs.length, ...lowest);
    this.maxLrs = perGroup("CyclicLR", "maxLr", required("CyclicLR", "maxLr", maxLr), groups);
    const { stepSizeUp, stepSizeDown, mode, scaleFn, cycleMomentum, baseMomentum, maxMomentum } = this.options;
    this.total = stepSizeUp + (stepSizeDown ?? stepSizeUp);
    this.rising = stepSizeUp / this.total;
    if (scaleFn === null && !["triangular", "triangular2", "exp_range"].includes(mode)) {
      throw new ArgumentError(
        "CyclicLR",
        `mode is invalid: '${mode}' is none of 'triangular', 'triangular2' and 'exp_range'`,
      );
    }
    if (cycleMomentum) checkMomentum("CyclicLR", optimizer);
    this.momenta = cycleMomentum
      ? {
          low: perGroup("CyclicLR", "baseMomentum", baseMomentum, groups),
          high: perGroup("CyclicLR", "maxMomentum", maxMomentum, groups),
        }
      : null;
    this.step();
  }

  override getLr(): number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.total);
    const x = 1 + this.lastEpoch / this.total - cycle;
    const height = (x <= this.rising ? x / this.rising : (x - 1) / (this.rising - 1)) * this.scale(cycle);
    this.momenta?.high.forEach((high, i) => {
      setMomentum(this.groups[i], high - (high - (this.momenta?.low[i] ?? high)) * height);
    });
    return this.baseLrs.map((base, i) => base + (this.maxLrs[i] - base) * height);
  }

  private scale(cycle: number): number {
    const { scaleFn, scaleMode, mode, gamma } = this.options;
    if (scaleFn !== null) return scaleFn(scaleMode === "cycle" ? cycle : this.lastEpoch);
    if (mode === "triangular2") return 1 / 2 ** (cycle - 1);
    return mode === "exp_range" ? gamma ** this.lastEpoch : 1;
  }
}
