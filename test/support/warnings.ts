import { setWarningHandler } from "../../engine/autograd/warnings.ts";

/** The engine's warnings while `run` runs, which are not printed. */
export function warningsOf(run: () => unknown): string[] {
  const found: string[] = [];
  const before = setWarningHandler((text) => void found.push(text));
  try {
    run();
  } finally {
    setWarningHandler(before);
  }
  return found;
}
