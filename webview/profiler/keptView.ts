import { isBoolean, isNumber, isOneOf, nullable, shapeOf } from "../protocol/guards.ts";

/** The views of a profile. */
export const tabs = ["timeline", "merged", "sandwich", "ops", "modules", "lines", "memory", "kept", "compare"] as const;

export type Tab = (typeof tabs)[number];

/** What is kept of the panel while it is hidden. */
export interface KeptView {
  readonly tab: Tab;
  readonly view: { readonly begin: number; readonly end: number; readonly top: number } | null;
  readonly isTable: boolean;
  readonly isSideOpen: boolean;
  readonly sideWidth: number;
}

/** Reads a kept view; what an older version kept may lack fields and then counts as nothing. */
export const isKeptView = shapeOf<KeptView>({
  tab: isOneOf(...tabs),
  view: nullable(shapeOf<NonNullable<KeptView["view"]>>({ begin: isNumber, end: isNumber, top: isNumber })),
  isTable: isBoolean,
  isSideOpen: isBoolean,
  sideWidth: isNumber,
});
