import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";

/** A name in a line, as far as the pointer: `this.fc` where it points at `fc` in `this.fc.weight`. */
export function nameAt(line: string, column: number): string | null {
  for (const { index, 0: chain } of line.matchAll(
    /[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$#][\p{L}\p{N}_$]*|\[\d+\])*/gu,
  )) {
    if (column < index || column > index + chain.length) continue;
    const end = /[.[]/.exec(chain.slice(column - index));
    return end === null ? chain : chain.slice(0, column - index + end.index);
  }
  return null;
}

/** The tensor that a name means in a line of a file (from 1): the one named there, else the one last named above, else any of that name. */
export function tensorNamed(tensors: readonly TensorInfo[], name: string, line: number): TensorInfo | null {
  const fitting = tensors.filter((tensor) => tensor.place !== null && isCalled(tensor, name));
  const above = fitting.filter(({ place }) => place !== null && place.line <= line);
  return above.at(-1) ?? fitting[0] ?? null;
}

/** The tensors that a name owns: parameters of the module it stands for. */
export function parametersOf(tensors: readonly TensorInfo[], name: string): TensorInfo[] {
  const path = withoutThis(name);
  return tensors.filter(({ module }) => module?.startsWith(`${path}.`) || module?.includes(`.${path}.`));
}

function isCalled({ name: own, module }: TensorInfo, name: string): boolean {
  const path = withoutThis(name);
  return (
    own === name ||
    module === path ||
    (own !== null && withoutThis(own) === path) ||
    (module?.endsWith(`.${path}`) ?? false)
  );
}

function withoutThis(name: string): string {
  return name.replace(/^this\./, "");
}
