/** Work that is done a part at a time, so that others have their turn between two of them. */
export type Parts<Result> = Generator<void, Result>;

/** So many rows of a recording are read in one part: a few milliseconds. */
export const PART = 32_768;

/** What comes of all parts together. */
export function wholeOf<Result>(parts: Parts<Result>): Result {
  for (;;) {
    const { done, value } = parts.next();
    if (done === true) return value;
  }
}

/** Something that is worked out of an object once, when it is first asked for: at a stretch, or in parts. */
export interface Once<Source, Result> {
  (source: Source): Result;
  readonly inParts: (source: Source) => Parts<Result>;
}

/** Remembers what is worked out of an object, for as long as there is the object. */
export function once<Source extends object, Result>(work: (source: Source) => Parts<Result>): Once<Source, Result> {
  const known = new WeakMap<Source, { readonly result: Result }>();
  function* inParts(source: Source): Parts<Result> {
    const found = known.get(source);
    if (found !== undefined) return found.result;
    const result = yield* work(source);
    known.set(source, { result });
    return result;
  }
  return Object.assign((source: Source) => known.get(source)?.result ?? wholeOf(inParts(source)), { inParts });
}
