/**
 * The result of an async function that calls `done` before anyone hears how it ended. To be used in place of the given one:
 * listening marks that as handled, while a rejection of this one that nobody awaits is still reported by the host.
 *
 * A lazy thenable, such as a query, must not be passed: asking how it ended would start it.
 */
export function whenSettled<R extends Promise<unknown>>(result: R, done: () => void): R {
  return result.then(
    (value) => {
      done();
      return value;
    },
    (error: unknown) => {
      done();
      throw error;
    },
  ) as R;
}

/** Runs `run`, sync or async, and calls `done` when it is over, however it ended. */
export function runThen<R>(run: () => R, done: () => void): R {
  let result: R;
  try {
    result = run();
  } catch (error) {
    done();
    throw error;
  }
  if (result instanceof Promise) return whenSettled(result, done);
  done();
  return result;
}
