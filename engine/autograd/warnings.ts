/** Told of every warning of the engine; the default prints it once per text. */
export type WarningHandler = (message: string) => void;

interface Host {
  console: { warn(message: string): void };
}

const seen = new Set<string>();

const printOnce: WarningHandler = (message) => {
  if (seen.has(message)) return;
  seen.add(message);
  (globalThis as unknown as Host).console.warn(`Warning: ${message}`);
};

let handler: WarningHandler = printOnce;

/** Sends the engine's warnings elsewhere; null restores printing. Gives what was set before. */
export function setWarningHandler(next: WarningHandler | null): WarningHandler {
  const before = handler;
  handler = next ?? printOnce;
  return before;
}

export function warn(message: string): void {
  handler(message);
}
