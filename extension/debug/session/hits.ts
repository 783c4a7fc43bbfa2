import type { Evaluated } from "../evaluator/messages.ts";
import { type Breakpoint, hitCounts } from "./breakpoints.ts";
import { logText } from "./logText.ts";
import { type MatchParts, matches } from "./matching.ts";

/** A breakpoint that was hit, the text of a log point, or what is wrong with a condition. */
export type Hit =
  | { readonly kind: "breakpoint"; readonly breakpoint: Breakpoint }
  | { readonly kind: "text"; readonly text: string };

type Evaluate = (expression: string, event: number) => Promise<Evaluated>;

/**
 * Which breakpoints an event hits. Hits are counted from the beginning of the run, so that the third hit is the same event
 * in whichever direction one comes to it.
 */
export class Hits {
  readonly #parts: () => MatchParts;
  readonly #evaluate: Evaluate;
  /** Per breakpoint with a hit condition: how far it was counted, and its hits so far. */
  readonly #counted = new Map<Breakpoint, { upTo: number; readonly events: number[] }>();

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
    if (found.every(isPlain)) return found.map((breakpoint) => ({ kind: "breakpoint", breakpoint }));
    return this.#examine(found, event, direction);
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
  async #holds({ kind, condition }: Breakpoint, event: number): Promise<boolean | string> {
    if (condition === null || kind === "exception") return true;
    const result = await this.#evaluate(condition, event);
    if (result.kind === "plain") return result.isTrue;
    if (result.kind === "error") return `The condition '${condition}' failed: ${result.message}`;
    return result.values.every((value) => value !== 0);
  }

  async #counts(breakpoint: Breakpoint, event: number): Promise<boolean> {
    const { hitCondition } = breakpoint;
    return hitCondition === null || hitCounts(hitCondition, await this.#count(breakpoint, event));
  }

  async #count(breakpoint: Breakpoint, event: number): Promise<number> {
    let count = this.#counted.get(breakpoint);
    if (count === undefined) {
      count = { upTo: 0, events: [] };
      this.#counted.set(breakpoint, count);
    }
    const parts = this.#parts();
    while (count.upTo < event) {
      const next = ++count.upTo;
      if (matches(breakpoint, next, parts) && (await this.#holds(breakpoint, next)) !== false) count.events.push(next);
    }
    return count.events.filter((hit) => hit <= event).length;
  }
}

function isPlain(breakpoint: Breakpoint): boolean {
  const { kind, condition, hitCondition, logMessage } = breakpoint;
  return (condition === null || kind === "exception") && hitCondition === null && logMessage === null;
}
