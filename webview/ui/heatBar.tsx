import type { ComponentChild } from "preact";
import { shortNumber } from "../../engine/recording/layout/text.ts";
import { type HeatScale, heatDecades } from "../../engine/recording/paint/heat.ts";

/** The legend of gradient sizes: from vanishing over the run's median to exploding. */
export function HeatBar({
  heat,
  color,
}: {
  readonly heat: HeatScale;
  readonly color: (heat: number) => string;
}): ComponentChild {
  const stops = Array.from({ length: 13 }, (_, i) => color(i / 6 - 1)).join(", ");
  const median = shortNumber(heat.median);
  return (
    <div
      class="heat"
      role="img"
      aria-label={`Gradient size, root mean square of its elements; the run's median is ${median}`}
    >
      <span class="heat-title" title="Root mean square of the gradient's elements, relative to the run's median">
        ∇ size, median {median}
      </span>
      <span>÷10{superscript(heatDecades)}</span>
      <span class="heat-bar" style={{ background: `linear-gradient(to right, ${stops})` }} />
      <span>×10{superscript(heatDecades)}</span>
    </div>
  );
}

function superscript(digit: number): string {
  return "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? String(digit);
}
