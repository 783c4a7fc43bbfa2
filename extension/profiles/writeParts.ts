import { closeSync, openSync, writeFileSync } from "node:fs";

/** Characters that are written in one go. */
const batchLength = 1 << 20;

/** Writes a file part by part, so that no more than a batch is in memory however long it gets. */
export function writeParts(file: string, parts: Iterable<string>): void {
  const descriptor = openSync(file, "w");
  try {
    let batch = "";
    for (const part of parts) {
      batch += part;
      if (batch.length < batchLength) continue;
      writeFileSync(descriptor, batch);
      batch = "";
    }
    writeFileSync(descriptor, batch);
  } finally {
    closeSync(descriptor);
  }
}
