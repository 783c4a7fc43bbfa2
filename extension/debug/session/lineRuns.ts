import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";

/** One execution of a line, while it lasts. */
interface Execution {
  readonly line: string;
  readonly run: number;
  /** The first event of each call so far. */
  readonly calls: Map<number, string>;
  lastSite: number;
  /** Whether it is what a module of the library does, called from this line. */
  readonly isInside: boolean;
}

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
  /** The execution that is going on at each level. */
  readonly #executions: (Execution | undefined)[] = [];
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
    const executions = this.#executions;
    // What lies deeper is over.
    executions.length = level + 1;
    const row = this.#recording.sites.get(site);
    const line = row === undefined ? "" : `${row.line} ${row.file}`;
    const around = executions.findLast((one) => one !== undefined);
    let here = executions[level];
    let isCallStart = true;
    if (here !== undefined && here.line === line && !comesAgain(here, site, what)) {
      isCallStart = here.isInside || site !== here.lastSite;
    } else if (here === undefined && around?.line === line && around.lastSite === site) {
      // A module of the library has no lines of its own.
      here = { line, run: around.run, calls: new Map(), lastSite: site, isInside: true };
    } else {
      here = { line, run: ++this.#count, calls: new Map(), lastSite: site, isInside: false };
      this.#isFirst[event] = 1;
    }
    executions[level] = here;
    if (!here.calls.has(site)) here.calls.set(site, what);
    here.lastSite = site;
    this.#run[event] = here.run;
    this.#isCallStart[event] = isCallStart ? 1 : 0;
    this.#callStart[event] = isCallStart ? event : (this.#callStart[event - 1] ?? 0) || event;
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

/** A call that was made before is made again, so the line runs anew; one call can make several ops in a row, though. */
function comesAgain({ calls, lastSite, isInside }: Execution, site: number, what: string): boolean {
  if (isInside) return false;
  const before = calls.get(site);
  if (before === undefined) return false;
  return site !== lastSite || before === what || what.startsWith(`${EventKind.scopeStart} `);
}

function longer(column: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(column);
  return grown;
}
