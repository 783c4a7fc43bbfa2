import { everywhere, isZero, type Suspect, same, type Verdict } from "./evidence.ts";

/**
 * An input that goes to several outputs gets the gradient of only some of them: what forward broadcasts, expands or
 * repeats, backward has to sum.
 */
export function missingSum(suspect: Suspect): Verdict | null {
  const { rows, cols, analytical, numerical } = suspect.pair;
  const { wrong, sound } = suspect;
  if (!wrong.every((k) => isZero(suspect, analytical[k]) && !isZero(suspect, numerical[k]))) return null;
  const reached = new Map<number, number>();
  sound.forEach((ok, k) => {
    if (ok && !isZero(suspect, analytical[k])) reached.set(Math.floor(k / cols), numerical[k]);
  });
  // Where nothing is broadcast, parts of a sum are alike; parts that are not are terms of another formula.
  const belongs = (k: number): boolean => {
    const other = reached.get(Math.floor(k / cols));
    return other !== undefined && (rows < cols || same(suspect, numerical[k], other));
  };
  if (!wrong.every(belongs)) return null;
  return {
    says: "is not summed over all the outputs that an element goes to",
    advice:
      "What forward broadcasts, expands or repeats, backward has to sum: over the broadcast dimensions, with keepdim where the input has size 1.",
  };
}

/** No gradient at all where there should be one. */
export function missingGradient(suspect: Suspect): Verdict | null {
  const { analytical } = suspect.pair;
  if (!suspect.wrong.every((k) => analytical[k] === 0)) return null;
  const whole = everywhere(suspect, (a) => a === 0);
  return {
    says: whole ? "is missing: backward gives none" : "is missing for some elements",
    advice: "Return a gradient for every input that the result depends on, and look for detach(), noGrad and item().",
  };
}

/** Gradient for elements that do nothing, all others being right. */
export function straying(suspect: Suspect): Verdict | null {
  const { numerical } = suspect.pair;
  if (!suspect.wrong.every((k) => isZero(suspect, numerical[k]))) return null;
  if (!everywhere(suspect, (a, n) => isZero(suspect, n) || same(suspect, a, n))) return null;
  return {
    says: "reaches elements that do not influence the result",
    advice: "Backward sums or spreads over too much: each element gets the gradients of its own outputs only.",
  };
}

/** What is left: a term of the formula was forgotten or is wrong. */
export const missingTerm: Verdict = {
  says: "lacks a term, or one of its terms is wrong: it is no multiple and no transposition of the right one",
  advice: "Go through the product, quotient and chain rules of the forward once more.",
};
