import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { inProject } from "../../../scripts/project.ts";

/** A folder of its own for a test: the examples, and what else the test needs. */
export class ModelFolder {
  readonly path: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.path = mkdtempSync(path.join(os.tmpdir(), "gradlens-models-"));
    cpSync(inProject("examples"), this.path, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.path, name), text);
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
