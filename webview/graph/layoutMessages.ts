import type { LayoutInput, LayoutResult } from "../../engine/recording/layout/layered/types.ts";

export interface ToLayoutWorker {
  readonly input: LayoutInput;
}

export type FromLayoutWorker =
  | { readonly kind: "progress"; readonly done: number }
  | { readonly kind: "result"; readonly result: LayoutResult };
