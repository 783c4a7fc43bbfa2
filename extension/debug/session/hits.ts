import type { Evaluated } from "../evaluator/messages.ts";
import { type Breakpoint, hitCounts } from "./breakpoints.ts";
import { logText } from "./logText.ts";
import { type MatchParts, matches } from "./matching.ts";
import { quickAnswer } from "./quickConditions.ts";

/** A breakpoint that was hit, the text of a log point, or what is wrong with a condition. */
export type Hit =
  | { readonly kind: "breakpoint"; readonly breakpoint: Breakpoint }
  | { readonly kind: "text"; readonly text: string };

type Evaluate = (expression: string, event: number) => Promise<Evaluated>;

/** How far the hits of a breakpoint were counted, and the events that hit it, in order. */
interface Counted {
  upTo: number;
  readonly events: number[];
}

/**
 * Which breakpoints an event hits. Hits are counted from the beginning of the run, so that the third hit is the same event
 * in whichever direction one comes to it.
 */
export class Hits {
  readonly #parts: () => MatchParts;
  readonly #evaluate: Evaluate;
  /** Of breakpoints with a hit condition. */
  readonly #counted = new Map<Breakpoint, Counted>();

  constructor(parts: () => MatchParts, evaluate: Evaluate) {
    this.#parts = parts;
    this.#evaluate = evaluate;
  }

  /** Forgets the others. */
  keepOnly(breakpoints: readonly Breakpoint[]): void {
    for (const known of this.#counted.keys()) if (!breakpoints.includes(known)) this.#counted.delete(known);
  }

  /** At once where no expression must be evaluated. */
  at(event: number, breakpoints: readonly Breakpoint[], direction: 1 | -1): Hit[] | Promise<Hit[]> {
    const parts = this.#parts();
    const found = breakpoints.filter((one) => matches(one, event, parts));
    const hits: Hit[] = [];
    for (const breakpoint of found) {
      const isHit = this.#isHitNow(breakpoint, event, parts);
      if (isHit === null) return this.#examine(found, event, direction);
      if (isHit) hits.push({ kind: "breakpoint", breakpoint });
    }
    return hits;
  }

  /** Null when that takes the evaluator. */
  #isHitNow(breakpoint: Breakpoint, event: number, parts: MatchParts): boolean | null {
    const holds = holdsNow(breakpoint, event, parts);
    if (holds !== true) return holds;
    if (breakpoint.logMessage !== null) return null;
    const { hitCondition } = breakpoint;
    if (hitCondition === null) return true;
    const counted = this.#countedOf(breakpoint);
    return countNow(breakpoint, counted, event, parts) ? hitCounts(hitCondition, hitsUpTo(event, counted)) : null;
  }

  async #examine(found: readonly Breakpoint[], event: number, direction: 1 | -1): Promise<Hit[]> {
    const hits: Hit[] = [];
    for (const breakpoint of found) {
      const complaint = await this.#holds(breakpoint, event);
      if (complaint === false) continue;
      if (typeof complaint === "string") hits.push({ kind: "text", text: complaint });
      if (!(await this.#counts(breakpoint, event))) continue;
      const { logMessage } = breakpoint;
      if (logMessage === null) hits.push({ kind: "breakpoint", breakpoint });
      // Going back is no second time.
      else if (direction === 1)
        hits.push({ kind: "text", text: await logText(logMessage, (text) => this.#evaluate(text, event)) });
    }
    return hits;
  }

  /** A condition that throws stops the program: a silent breakpoint would look like one that was never reached. */
  async #holds(breakpoint: Breakpoint, event: number): Promise<boolean | string> {
    const atOnce = holdsNow(breakpoint, event, this.#parts());
    if (atOnce !== null) return atOnce;
    const condition = breakpoint.condition ?? "";
    const result = await this.#evaluate(condition, event);
    if (result.kind === "plain") return result.isTrue;
    if (result.kind === "error") return `The condition '${condition}' failed: ${result.message}`;
    return result.values.every((value) => value !== 0);
  }

  async #counts(breakpoint: Breakpoint, event: number): Promise<boolean> {
    const { hitCondition } = breakpoint;
    if (hitCondition === null) return true;
    const counted = this.#countedOf(breakpoint);
    while (!countNow(breakpoint, counted, event, this.#parts())) {
      const next = counted.upTo + 1;
      const holds = await this.#holds(breakpoint, next);
      // Another move may have counted it meanwhile.
      if (counted.upTo >= next) continue;
      counted.upTo = next;
      if (holds !== false) counted.events.push(next);
    }
    return hitCounts(hitCondition, hitsUpTo(event, counted));
  }

  #countedOf(breakpoint: Breakpoint): Counted {
    let counted = this.#counted.get(breakpoint);
    if (counted === undefined) {
      counted = { upTo: 0, events: [] };
      this.#counted.set(breakpoint, counted);
    }
    return counted;
  }
}

/** Whether a breakpoint's condition holds; null when that takes the evaluator. */
function holdsNow({ kind, condition }: Breakpoint, event: number, parts: MatchParts): boolean | null {
  return condition === null || kind === "exception" ? true : quickAnswer(condition, event, parts);
}

/** Counts on as far as that goes without the evaluator; tells whether that was far enough. */
function countNow(breakpoint: Breakpoint, counted: Counted, event: number, parts: MatchParts): boolean {
  while (counted.upTo < event) {
    const next = counted.upTo + 1;
    const isHit = matches(breakpoint, next, parts) && holdsNow(breakpoint, next, parts);
    if (isHit === null) return false;
    counted.upTo = next;
    if (isHit) counted.events.push(next);
  }
  return true;
}

/** How many of the counted hits lie at an event or before it. */
function hitsUpTo(event: number, { events }: Counted): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] ?? 0) <= event) low = middle + 1;
    else high = middle;
  }
  return low;
}
