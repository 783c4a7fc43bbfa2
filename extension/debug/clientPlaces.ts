import path from "node:path";
import { realPath } from "./session/sources.ts";

/** How the client counts lines and columns, and names files. */
export class ClientPlaces {
  linesStartAt1 = true;
  columnsStartAt1 = true;

  /** A line of ours as the client counts it. */
  line(line: number): number {
    return this.linesStartAt1 ? line : line - 1;
  }

  column(column: number): number {
    return this.columnsStartAt1 ? column : column - 1;
  }

  /** A line of the client's as we count it. */
  ownLine(line: number): number {
    return this.linesStartAt1 ? line : line + 1;
  }

  /** A file of the client's by the path that the runner knows. */
  ownFile(file: string): string {
    return realPath(path.resolve(file));
  }

  source(file: string): { name: string; path: string } {
    return { name: path.basename(file), path: file };
  }
}
