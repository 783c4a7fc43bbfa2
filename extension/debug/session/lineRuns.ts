import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";

/**
 * Which events belong to one execution of one line. A line such as `x.pow(2).add(1)` makes several events each time it
 * runs, and a breakpoint on it should stop once for all of them; in backward again once.
 */
export class LineRuns {
  readonly #recording: Recording;
  /** Per event: the number of its run; 0 for none. */
  #run = new Uint32Array(1024);
  /** Per event: 1 where it is the first of its run, in its direction. */
  #isFirst = new Uint8Array(1024);
  /** Per event: 1 where it is the first of one call's events: a composite op makes several. */
  #isCallStart = new Uint8Array(1024);
  /** Per event: the first event of its call. */
  #callStart = new Uint32Array(1024);
  /** Calls whose nodes have run in the running backward, by their first event. */
  readonly #passedCalls = new Set<number>();
  #count = 0;
  #line = "";
  #firstLevel = 0;
  #lastSite = 0;
  /** The first event of each call in the run that is going on. */
  readonly #calls = new Map<number, string>();
  /** Runs through which the gradient of the running backward has come. */
  readonly #passed = new Set<number>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** Takes in the next event. `made` is the op of a backward node. */
  add(event: number, level: number, made: number): void {
    this.#reserve(event);
    const { kind, site, name } = this.#recording.tables.events.column;
    switch (kind[event]) {
      case EventKind.node:
        this.#addNode(event, made);
        return;
      case EventKind.backwardStart:
        this.#passed.clear();
        this.#passedCalls.clear();
        this.#addCall(event, level, site[event] ?? 0, "backward");
        return;
      case EventKind.op:
      case EventKind.scopeStart:
      case EventKind.optimizerStart:
      case EventKind.zeroGrad:
      case EventKind.clip:
      case EventKind.refused:
        this.#addCall(event, level, site[event] ?? 0, `${kind[event]} ${name[event]}`);
        return;
      default:
        this.#isCallStart[event] = 1;
        this.#callStart[event] = this.#callStart[event - 1] ?? 0;
    }
  }

  isFirst(event: number): boolean {
    return this.#isFirst[event] === 1;
  }

  /** Whether an event is the first of the call that made it: one call of a composite op makes several. */
  isCallStart(event: number): boolean {
    return this.#isCallStart[event] === 1;
  }

  #addNode(event: number, made: number): void {
    const call = this.#callStart[made] ?? 0;
    this.#isCallStart[event] = made === 0 || !this.#passedCalls.has(call) ? 1 : 0;
    this.#passedCalls.add(call);
    const run = this.#run[made] ?? 0;
    this.#run[event] = run;
    // Of ops that were not recorded, each is a run of its own.
    this.#isFirst[event] = made === 0 || !this.#passed.has(run) ? 1 : 0;
    this.#passed.add(run);
  }

  #addCall(event: number, level: number, site: number, what: string): void {
    const row = this.#recording.sites.get(site);
    const line = row === undefined ? "" : `${row.line} ${row.file}`;
    const begins = line !== this.#line || this.#comesAgain(level, site, what);
    const isCallStart = begins || site !== this.#lastSite;
    this.#isCallStart[event] = isCallStart ? 1 : 0;
    this.#callStart[event] = isCallStart ? event : (this.#callStart[event - 1] ?? 0) || event;
    if (begins) {
      this.#count++;
      this.#line = line;
      this.#firstLevel = level;
      this.#calls.clear();
    }
    if (!this.#calls.has(site)) this.#calls.set(site, what);
    this.#lastSite = site;
    this.#run[event] = this.#count;
    this.#isFirst[event] = begins ? 1 : 0;
  }

  /** A call that was made before is made again, so the line runs anew; one call can make several ops in a row, though. */
  #comesAgain(level: number, site: number, what: string): boolean {
    const before = this.#calls.get(site);
    if (before === undefined || level > this.#firstLevel) return false;
    return site !== this.#lastSite || before === what || what.startsWith(`${EventKind.scopeStart} `);
  }

  #reserve(event: number): void {
    if (event < this.#run.length) return;
    const run = new Uint32Array(2 * event);
    run.set(this.#run);
    this.#run = run;
    const callStart = new Uint32Array(2 * event);
    callStart.set(this.#callStart);
    this.#callStart = callStart;
    this.#isFirst = longer(this.#isFirst, 2 * event);
    this.#isCallStart = longer(this.#isCallStart, 2 * event);
  }
}

function longer(column: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(column);
  return grown;
}
