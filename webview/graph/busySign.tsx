import type { ComponentChild } from "preact";
import { useAtom } from "../ui/atom.ts";
import { Button, ProgressRing } from "../ui/kit.ts";
import type { GraphPanel } from "./graphPanel.ts";

/** What is going on and how far it is; the style sheet lets it appear only when it takes long enough to be read, and Cancel after a second. */
export function BusySign({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const busy = useAtom(panel.busy);
  if (!busy) return null;
  const share = busy.share === null ? "" : ` ${Math.round(busy.share * 100)}%`;
  return (
    <div class="busy" role="status">
      <ProgressRing />
      <span>
        {busy.what}…{share}
      </span>
      <span class="busy-cancel">
        <Button primary={false} onClick={() => panel.cancel()}>
          Cancel
        </Button>
      </span>
    </div>
  );
}
