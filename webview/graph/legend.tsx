import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { shortNumber } from "../../engine/recording/layout/text.ts";
import { type HeatScale, heatColor, heatDecades } from "../../engine/recording/paint/heat.ts";
import { useAtom } from "../ui/atom.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { SymbolKey } from "./symbolKey.tsx";

/** What colours and shapes mean: the scale of gradient sizes, always in sight, and the symbols, on demand. */
export function Legend({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const drawn = useAtom(panel.drawn);
  const { palette } = useAtom(panel.theme);
  const [showsKey, setShowsKey] = useState(false);
  if (!drawn) return null;
  return (
    <div class="legend">
      {showsKey && <SymbolKey panel={panel} />}
      <button type="button" class="link-button" aria-expanded={showsKey} onClick={() => setShowsKey(!showsKey)}>
        {showsKey ? "Hide symbols" : "Symbols"}
      </button>
      {drawn.model.heat && <HeatBar heat={drawn.model.heat} color={(heat) => heatColor(palette, heat)} />}
    </div>
  );
}

function HeatBar({
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
