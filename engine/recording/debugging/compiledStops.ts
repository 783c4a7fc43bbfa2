import { EventKind } from "../schema.ts";
import type { StopTable } from "./debugContract.ts";

/** What of an event is looked at to decide whether the debugger wants to see it. */
export interface SeenEvent {
  readonly kind: number;
  readonly name: string;
  readonly site: number;
  readonly health: number;
  readonly value: number;
  readonly level: number;
  readonly isInPlace: boolean;
}

/** A stop table made ready for being asked at every event. */
export class CompiledStops {
  /** Whether any event can be wanted at all. */
  readonly isArmed: boolean;
  private readonly table: StopTable;
  private readonly sites: ReadonlySet<number>;
  private readonly names: ReadonlySet<string>;

  constructor(table: StopTable) {
    const { sites, names, kinds, bad, above, below, inPlace, stepKinds, stepLevel } = table;
    this.table = table;
    this.sites = new Set(sites);
    this.names = new Set(names);
    const watchesGradients = above < Number.POSITIVE_INFINITY || below > 0;
    const steps = stepKinds !== 0 && stepLevel >= 0;
    this.isArmed = sites.length + names.length + kinds > 0 || bad || watchesGradients || inPlace || steps;
  }

  wants(event: SeenEvent): boolean {
    const { table } = this;
    const bit = 1 << event.kind;
    if ((table.kinds & bit) !== 0) return true;
    if ((table.stepKinds & bit) !== 0 && event.level <= table.stepLevel) return true;
    if (table.bad && event.health !== 0) return true;
    if (table.inPlace && event.isInPlace) return true;
    if (this.sites.has(event.site) || this.names.has(event.name)) return true;
    const isGradient = event.kind === EventKind.node || event.kind === EventKind.accumulate;
    return isGradient && (event.value > table.above || event.value < table.below);
  }
}
