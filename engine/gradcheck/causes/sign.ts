import { everywhere, type Suspect, same, type Verdict } from "./evidence.ts";

/** Every entry that disagrees would agree with a minus before it. */
export function wrongSign(suspect: Suspect): Verdict | null {
  const { analytical, numerical } = suspect.pair;
  if (!suspect.wrong.every((k) => same(suspect, -analytical[k], numerical[k]))) return null;
  const whole = everywhere(suspect, (a, n) => same(suspect, -a, n));
  return {
    says: whole ? "has the wrong sign" : "has the wrong sign in some of its entries",
    advice: "Put a minus where one is missing, or take one away.",
  };
}
