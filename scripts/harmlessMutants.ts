/** Changes that make no difference to what the engine does, and why. */
export const harmless: readonly {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}[] = [];
