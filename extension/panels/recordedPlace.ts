import { pathKey } from "../results/pathKey.ts";
import type { RunResult } from "../results/runResult.ts";

/** A file as the recording writes it; null when it knows none of that path. */
export function recordedName({ recording }: RunResult, file: string): string | null {
  const key = pathKey(file);
  for (const site of recording.sites.values()) if (pathKey(site.file) === key) return site.file;
  for (const name of recording.names.values()) if (pathKey(name.file) === key) return name.file;
  return null;
}
