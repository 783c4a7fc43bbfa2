/**
 * What a program that is being debugged and its debugger say to each other. The program speaks first and then stands
 * still until it is answered. Everything here can be structured-cloned.
 */
export type DebugReport =
  /** A file was loaded; none of its code has run. */
  | { readonly kind: "loaded"; readonly file: string }
  /** An event that the stop table names has just happened. */
  | { readonly kind: "event"; readonly event: number }
  /** The debugger asked to be heard. */
  | { readonly kind: "asked"; readonly event: number }
  /** The user's frames, innermost first. */
  | { readonly kind: "stack"; readonly frames: readonly LiveFrame[] }
  /** An edit was made, or not and why. `tensor` is the row of what now is in its place. */
  | { readonly kind: "edited"; readonly tensor: number; readonly problem: string | null }
  /** All elements of a tensor are in the recording now, or it is not to be had any more. */
  | { readonly kind: "kept"; readonly isKept: boolean };

/** What the debugger answers. */
export type DebugCommand =
  | { readonly kind: "go"; readonly table: StopTable }
  | { readonly kind: "edit"; readonly edit: LiveEdit }
  | { readonly kind: "stack" }
  /** A tensor that was too large to be kept whole is to be kept whole, as it is here. */
  | { readonly kind: "keep"; readonly tensor: number }
  /** The run ends here. */
  | { readonly kind: "stop" };

/** A frame of the user's program, as it really stands on the stack. */
export interface LiveFrame {
  readonly function: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An element to be written: of any tensor that can be reached, or of a gradient that the node just run hands on. */
export interface LiveEdit {
  readonly tensor: number;
  /** Which of the gradients that the node hands on; null for a tensor wherever it is used. */
  readonly handedOn: number | null;
  /** Row-major number of the element; null for all of them. */
  readonly element: number | null;
  readonly value: number;
}

/** Which events the debugger wants to look at. It may find on looking that the program should go on. */
export interface StopTable {
  /** Calls of the user's program, forward and backward. */
  readonly sites: readonly number[];
  /** Names of ops and of backward nodes. */
  readonly names: readonly string[];
  /** Bit `1 << EventKind` for each kind of event at which to stop always. */
  readonly kinds: number;
  /** Events that made NaN or Inf. */
  readonly bad: boolean;
  /** Gradients whose norm is above or below. */
  readonly above: number;
  readonly below: number;
  /** Ops that changed a tensor in place. */
  readonly inPlace: boolean;
  /** Events of these kinds that lie no deeper than so. */
  readonly stepKinds: number;
  readonly stepLevel: number;
  /** Whether to keep what tensors hold, so that one can look back. */
  readonly keepValues: boolean;
}

/** Stops nowhere. */
export const noStops: StopTable = {
  sites: [],
  names: [],
  kinds: 0,
  bad: false,
  above: Number.POSITIVE_INFINITY,
  below: 0,
  inPlace: false,
  stepKinds: 0,
  stepLevel: -1,
  keepValues: false,
};

/** The line to the debugger. */
export interface DebugLine {
  /** Whether the debugger asked to be heard. */
  isWanted(): boolean;
  /** Tells the debugger something and stands still until it answers. */
  exchange(report: DebugReport): DebugCommand;
  /** The user's frames, innermost first. */
  stack(): readonly LiveFrame[];
}
