import type { Place } from "../rows.ts";

export type Severity = "error" | "warning" | "info";

/** One fault found in a recording. Words are those of the report. */
export interface Alert {
  readonly kind: string;
  /** `error` is wrong in all programs, `warning` in most; `info` never needs action. */
  readonly severity: Severity;
  /** One short sentence in the user's terms. */
  readonly message: string;
  /** The line to edit. */
  readonly place: Place | null;
  readonly step: number | null;
  readonly origin: Origin | null;
  /** From the origin to where it surfaced. */
  readonly chain: readonly ChainLink[];
  /** What to do about it, in a phrase. */
  readonly fix: string | null;
  /** How often it happened in this run. */
  readonly count: number;
  /** The numbers that show it. */
  readonly evidence: readonly Evidence[];
  /** Other lines that belong to it: where a value was saved, where the optimizer stepped. */
  readonly related: readonly Related[];
  /** The tensors it is about, as rows of the recording. */
  readonly tensors: readonly number[];
  /** The event that it is about; 0 when it is about none. */
  readonly event: number;
}

/** Where a fault was born. */
export interface Origin {
  /** The op's public name in either phase; `tensor` for faulty data. */
  readonly op: string;
  readonly phase: "forward" | "backward";
  readonly place: Place | null;
  /** Event of the recording. */
  readonly event: number;
  readonly element: readonly number[] | null;
  readonly cause: string | null;
}

export interface ChainLink {
  readonly op: string;
  readonly phase: "forward" | "backward";
  readonly place: Place | null;
  readonly event: number;
}

/** A number and what it is: `gradient norm at step 7`, 1.2e9. */
export interface Evidence {
  readonly label: string;
  readonly value: number;
}

export interface Related {
  readonly place: Place;
  readonly message: string;
}

/** What a rule says of one fault; the rest of the alert comes from the rule. */
export interface Finding extends Partial<Omit<Alert, "kind" | "place" | "message">> {
  readonly place: Place | null;
  readonly message: string;
  /** Kinds of alerts, besides those that its rule names, of which one says more of it. */
  readonly unless?: readonly string[];
}
