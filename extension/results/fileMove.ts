import type { FileMove } from "../../engine/recording/moveFiles.ts";
import { realPathKey } from "./pathKey.ts";

/** Where a file or folder was, and where it is. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** What a rename does to paths; a folder takes everything in it along. */
export function fileMove(renamed: readonly Renamed[]): FileMove {
  const moves = renamed.map(({ from, to }) => ({ from: realPathKey(from), to }));
  return (file) => {
    const key = realPathKey(file);
    const move = moves.find(({ from }) => isInside(key, from));
    return move === undefined ? file : move.to + key.slice(move.from.length);
  };
}

/** Whether a path is that of a folder, or of something in it. */
export function isInside(file: string, folder: string): boolean {
  return file === folder || (file.startsWith(folder) && /^[\\/]/.test(file.slice(folder.length)));
}
