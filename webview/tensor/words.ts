import { shortNumber } from "../../engine/recording/layout/text.ts";
import type { NumbersOf, TensorShown } from "../protocol/tensor.ts";
import { momentOf, type TensorLook } from "./model.ts";

/** What each kind of numbers is called. */
export const kindWords: Readonly<Record<NumbersOf, string>> = {
  value: "value",
  grad: "gradient",
  ratio: "gradient ÷ value",
};

/** A number as it stands in a cell. */
export const cellText = (x: number | undefined): string => (x === undefined ? "…" : shortNumber(x));

/** `step 12 of 60`, `end of the run`. */
export function momentWords(shown: TensorShown, look: TensorLook): string {
  const index = momentOf(shown, look);
  const moment = shown.moments[index];
  if (moment === undefined || index === shown.moments.length - 1) return "end of the run";
  const noun = shown.unit === "step" ? "step" : "backward";
  return `${noun} ${moment.step} of ${shown.moments.at(-1)?.step ?? 0}`;
}

/** Why there is nothing to see. */
export function whyNothing(shown: TensorShown, look: TensorLook): string {
  const moment = shown.moments[momentOf(shown, look)];
  if (look.of !== "value" && moment?.hasGrad !== true) {
    if (!shown.requiresGrad) return "∅ No gradient: this tensor does not require one.";
    return shown.reason === null ? "∅ No gradient was recorded at this time." : `∅ No gradient: ${shown.reason}.`;
  }
  return look.moment < 0
    ? "The numbers of this tensor were not kept: it had been let go before the end of the run."
    : "At this time the numbers of this tensor were not recorded.";
}
