import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { heatColor } from "../../engine/recording/paint/heat.ts";
import { useAtom } from "../ui/atom.ts";
import { HeatBar } from "../ui/heatBar.tsx";
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
