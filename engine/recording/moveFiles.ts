/** Where a file is by now; the same path for one that was not moved. */
export type FileMove = (file: string) => string;

/** A copy of plain data in which every `file` and all `files`, however deep, are where they were moved to. */
export function moveFiles<T>(data: T, move: FileMove): T {
  if (Array.isArray(data)) return data.map((part) => moveFiles(part, move)) as T;
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data).map(([key, value]) => {
    if (key === "file" && typeof value === "string") return [key, move(value)];
    if (key === "files" && Array.isArray(value)) return [key, value.map(move)];
    return [key, moveFiles(value, move)];
  });
  return Object.fromEntries(entries) as T;
}
