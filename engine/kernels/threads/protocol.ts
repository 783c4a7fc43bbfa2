// What the calling thread and its helpers have in common: a little shared memory for each helper to be told things in, and one
// large piece for the numbers.

/** Places in a helper's control words. */
export const ASKED = 0;
export const DONE = 1;
export const STATE = 2;
export const CLAIM = 3;
export const CONTROL_WORDS = 4;

/** Values of `CLAIM`: a task is done by whichever of the two gets to it first. */
export const FREE = 0;
export const BY_HELPER = 1;
export const BY_CALLER = 2;

/** Values of `STATE`. */
export const STARTING = 0;
export const READY = 1;
export const FAILED = 2;

/** Numbers that describe a task, the first of which is its kind. */
export const TASK_NUMBERS = 32;

export const PRODUCT = 0;
export const CURVE = 1;
export const CONVOLUTION = 2;

/** What a helper is started with. */
export interface HelperData {
  readonly gradlensHelper: {
    readonly control: SharedArrayBuffer;
    readonly task: SharedArrayBuffer;
    readonly numbers: SharedArrayBuffer;
  };
}

/** How long a helper looks for the next task before it goes to sleep: waking one takes about as long. */
export const ALERT_MS = 0.05;
