import type { Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";

/**
 * Inputs an op is tried with: the sweep checks first and second derivatives on `accepts` and errors on `rejects`.
 * `call` has what follows the tensors in the public function's argument list.
 */
export interface Sample {
  readonly label: string;
  readonly tensors: readonly SampleTensor[];
  readonly call: readonly unknown[];
  /** All arguments in order, for functions that take the tensors in a list or between other arguments. */
  readonly arrange?: Arrange;
}

type Arrange = (tensors: readonly Tensor[]) => readonly unknown[];

export interface SampleTensor {
  readonly shape: Shape;
  /** Where the values lie: away from kinks and poles, so that finite differences mean something. */
  readonly domain: Domain;
  readonly dtype: DType;
}

/** normal: both signs, at least 0.1 from 0; positive: 0.5 to 2; unit: -0.9 to 0.9; above1: 1.2 to 3; distinct: all values at least 0.05 apart; index(n): integers below n; mask: booleans. */
export type Domain =
  | "normal"
  | "positive"
  | "unit"
  | "above1"
  | "distinct"
  | "mask"
  | { readonly index: number }
  | { readonly spd: true };

const sample = (domain: Domain, shapes: readonly Shape[], call: readonly unknown[] = []): Sample => ({
  label: `${typeof domain === "string" ? domain : JSON.stringify(domain)} ${shapes.map((s) => `[${s.join(",")}]`).join(" ")}${call.length > 0 ? ` ${JSON.stringify(call)}` : ""}`,
  tensors: shapes.map((shape) => ({ shape, domain, dtype: "float64" })),
  call,
});

export const normal = (shapes: readonly Shape[], ...call: unknown[]): Sample => sample("normal", shapes, call);
export const positive = (shapes: readonly Shape[], ...call: unknown[]): Sample => sample("positive", shapes, call);
export const unit = (shapes: readonly Shape[], ...call: unknown[]): Sample => sample("unit", shapes, call);
export const above1 = (shapes: readonly Shape[], ...call: unknown[]): Sample => sample("above1", shapes, call);
export const distinct = (shapes: readonly Shape[], ...call: unknown[]): Sample => sample("distinct", shapes, call);

/** Tensors with a domain each, for ops that also take indices or masks. */
export function mixed(tensors: readonly [Domain, Shape][], ...call: unknown[]): Sample {
  const shown = tensors.map(
    ([domain, shape]) => `${typeof domain === "string" ? domain : JSON.stringify(domain)}[${shape.join(",")}]`,
  );
  return {
    label: `${shown.join(" ")}${call.length > 0 ? ` ${JSON.stringify(call)}` : ""}`,
    tensors: tensors.map(([domain, shape]) => ({
      shape,
      domain,
      dtype: domain === "mask" ? "bool" : typeof domain === "object" && "index" in domain ? "int64" : "float64",
    })),
    call,
  };
}

/** A sample whose arguments are not just the tensors and then the rest; `shown` tells it apart from others. */
export const arranged = (given: Sample, shown: string, arrange: Arrange): Sample => ({
  ...given,
  label: `${given.label} ${shown}`,
  arrange,
});

/** Two tensors of one shape, and two that broadcast. */
export const pairs: readonly Sample[] = [
  normal([
    [2, 3],
    [2, 3],
  ]),
  normal([[2, 3], [3]]),
];

/** Two tensors that do not broadcast. */
export const misfits: readonly Sample[] = [
  normal([
    [2, 3],
    [2, 4],
  ]),
];
