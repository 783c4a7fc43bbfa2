/**
 * Where the user's program is: the number of the call expression about to run. The loader that compiles the user's
 * files writes it; the engine only reads it into what it records. 0 means unknown.
 */
export const site = { current: 0 };
