import type { TensorInfo } from "./tensors.ts";

/** The tensors that one line of the user's program names, in the order of their columns. */
export interface TensorLine {
  /** From 1. */
  readonly line: number;
  readonly tensors: readonly TensorInfo[];
}

/** The named tensors of each file, line by line. */
export function tensorsByLine(tensors: readonly TensorInfo[]): ReadonlyMap<string, readonly TensorLine[]> {
  const files = new Map<string, Map<number, TensorInfo[]>>();
  for (const tensor of tensors) {
    if (tensor.place === null) continue;
    const lines = getOrAdd(files, tensor.place.file, () => new Map<number, TensorInfo[]>());
    getOrAdd(lines, tensor.place.line, () => []).push(tensor);
  }
  return new Map([...files].map(([file, lines]) => [file, inOrder(lines)]));
}

function inOrder(lines: ReadonlyMap<number, readonly TensorInfo[]>): TensorLine[] {
  return [...lines].map(([line, tensors]) => ({ line, tensors })).sort((a, b) => a.line - b.line);
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
