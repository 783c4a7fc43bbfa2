import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Breakpoint, isHitCondition } from "./session/breakpoints.ts";
import type { GradientSession } from "./session/session.ts";

/** A breakpoint without its number. */
export type NewBreakpoint = Breakpoint extends infer One ? (One extends Breakpoint ? Omit<One, "id"> : never) : never;

/** Whether a breakpoint is bound, as the client is told. */
export interface Verdict {
  readonly id: number;
  readonly verified: boolean;
  readonly message?: string;
  readonly reason?: "pending" | "failed";
}

/** The breakpoints as the client set them, which it does kind by kind and file by file, and what it knows about them. */
export class BreakpointBook {
  readonly #groups = new Map<string, readonly Breakpoint[]>();
  readonly #told = new Map<number, string>();
  #nextId = 1;

  get all(): readonly Breakpoint[] {
    return [...this.#groups.values()].flat();
  }

  /** Sets all breakpoints of a group: a file's, or those of one kind. */
  set(group: string, breakpoints: readonly NewBreakpoint[]): readonly Breakpoint[] {
    const numbered = breakpoints.map((one) => ({ ...one, id: this.#nextId++ }) as Breakpoint);
    this.#groups.set(group, numbered);
    return numbered;
  }

  /** What a breakpoint that is hit is called. */
  reasonOf(hit: readonly number[]): string {
    const kinds = new Set(this.all.filter(({ id }) => hit.includes(id)).map(({ kind }) => kind));
    if (kinds.has("line") || kinds.size === 0) return "breakpoint";
    return kinds.has("data") ? "data breakpoint" : "function breakpoint";
  }

  /** Whether the client knows a breakpoint by its number; exception filters have none. */
  isVisible(id: number): boolean {
    return this.all.some((one) => one.id === id && one.kind !== "exception");
  }

  /** Looks at one breakpoint, and remembers what was said. */
  verdict(breakpoint: Breakpoint, session: GradientSession | null): DebugProtocol.Breakpoint {
    const verdict = judge(breakpoint, session);
    this.#told.set(breakpoint.id, JSON.stringify(verdict));
    return verdict;
  }

  /** Looks at breakpoints again, by their numbers or at all of them; gives those about which something else is to be said now. */
  verify(session: GradientSession, ids?: readonly number[]): DebugProtocol.Breakpoint[] {
    return this.all
      .filter(({ kind, id }) => kind !== "exception" && (ids?.includes(id) ?? true))
      .filter((one) => this.#told.get(one.id) !== JSON.stringify(judge(one, session)))
      .map((one) => this.verdict(one, session));
  }
}

function judge(breakpoint: Breakpoint, session: GradientSession | null): Verdict {
  const { id, hitCondition } = breakpoint;
  if (hitCondition !== null && !isHitCondition(hitCondition)) {
    const message = `'${hitCondition}' is no hit count: write 5, > 5, >= 5, < 5 or % 5.`;
    return { id, verified: false, reason: "failed", message };
  }
  if (breakpoint.kind === "exception") return { id, verified: true };
  if (session === null) {
    return { id, verified: false, reason: "pending", message: "The program has not been started." };
  }
  const why = session.whyNot(breakpoint);
  if (why === null) return { id, verified: true };
  const isPending = breakpoint.kind !== "line" || !session.sources.files.includes(breakpoint.file);
  return { id, verified: false, message: why, reason: isPending ? "pending" : "failed" };
}
