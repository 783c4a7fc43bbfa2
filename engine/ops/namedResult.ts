import type { Tensor } from "../autograd/tensor.ts";

/** Several results that destructure as an array and also have PyTorch's field names. */
export type NamedResult<Names extends readonly string[]> = { readonly [I in keyof Names]: Tensor } & {
  readonly [Name in Names[number]]: Tensor;
};

/** What ops that select elements along a dimension give. */
export type ValuesIndices = NamedResult<readonly ["values", "indices"]>;

/** Puts field names on an array of results: `const [values, indices] = …` and `….values` both work. */
export function namedResult<const Names extends readonly string[]>(
  names: Names,
  tensors: readonly Tensor[],
): NamedResult<Names> {
  const result: Tensor[] & Record<string, unknown> = Object.assign([...tensors]);
  names.forEach((name, i) => {
    // An array has a method called `values`: the field takes its place.
    Object.defineProperty(result, name, { value: tensors[i], enumerable: true });
  });
  return result as unknown as NamedResult<Names>;
}
