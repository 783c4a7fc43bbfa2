import type { LocalDerivative, RecordedCall } from "../../../engine/functional/localDerivative.ts";

/** A tensor to be rebuilt for an expression. */
export interface SentTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly requiresGrad: boolean;
  /** Row-major. */
  readonly values: Float64Array;
  readonly grad: SentTensor | null;
}

/** What a name stands for: a tensor, a number, nothing, or the reason why it is not to be had. */
export type SentValue =
  | { readonly kind: "tensor"; readonly tensor: SentTensor }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "null" }
  | { readonly kind: "unavailable"; readonly reason: string };

/** An expression and the names in it, which may have dots: `this.w`, `net.0.weight`. */
export interface Expression {
  readonly kind: "expression";
  readonly expression: string;
  readonly names: readonly (readonly [name: string, value: SentValue])[];
}

/** What the derivative of an op's call is by each of its inputs. */
export interface DerivativeOf {
  readonly kind: "derivatives";
  readonly call: RecordedCall;
}

/** What the thread is asked. */
export type EvaluatorQuestion = { readonly id: number } & (Expression | DerivativeOf);

/** What came out. */
export type Evaluated =
  | {
      readonly kind: "tensor";
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly values: Float64Array;
    }
  | { readonly kind: "plain"; readonly text: string; readonly type: string; readonly isTrue: boolean }
  | { readonly kind: "error"; readonly message: string };

/** What came out, by the kind of question. */
export interface Results {
  readonly expression: Evaluated;
  readonly derivatives: readonly (LocalDerivative | null)[];
}

export interface EvaluatorAnswer {
  readonly id: number;
  readonly result: Results[keyof Results];
}

/** Where the modules are that the thread works with. */
export interface EvaluatorPaths {
  readonly enginePath: string;
  /** `localDerivative.ts`, or its bundle beside the engine's. */
  readonly derivativePath: string;
}
