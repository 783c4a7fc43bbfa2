import type { Parts } from "../parts.ts";
import type { Finding, Severity } from "./alert.ts";
import type { History } from "./history.ts";

/** A number that a rule compares with, and what it means. */
export interface Threshold {
  readonly value: number;
  readonly meaning: string;
}

/** The thresholds of a rule, as they are now. */
export type Limits = { readonly [name: string]: number };

/** One kind of fault: what it is, how it is found, and what to do about it. */
export interface Rule {
  /** The word of the report, and of settings and comments. */
  readonly kind: string;
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** What is looked for in a recording, and what is left alone. */
  readonly looksFor: string;
  readonly thresholds: { readonly [name: string]: Threshold };
  /** What to do about it, in a phrase. */
  readonly fix: string;
  /** Whether it is an error that ends the run, in whatever step that is. */
  readonly endsRun?: boolean;
  /** Kinds that explain this one: where they are told, it is not. */
  readonly unless?: readonly string[];
  /** Kinds that say the same of the same line in better words: beside them it is not told. */
  readonly unlessHere?: readonly string[];
  /** Finds the faults: at a stretch, or in parts where that may take longer than others want to wait. */
  readonly find: (history: History, limits: Limits) => readonly Finding[] | Parts<readonly Finding[]>;
}
