import type { ComponentChild } from "preact";
import { displayName } from "../../engine/recording/layout/text.ts";
import { useAtom } from "../ui/atom.ts";
import { Icon, IconButton } from "../ui/kit.ts";
import type { GraphPanel } from "./graphPanel.ts";

/** The fault whose path is drawn, in one sentence; a click brings its origin into sight. */
export function AlertBar({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const view = useAtom(panel.view);
  const drawn = useAtom(panel.drawn);
  const alerts = drawn?.model.graph.alerts ?? [];
  if (!view || alerts.length === 0) return null;
  const alert = alerts[view.alert];
  return (
    <div class={`alert alert-${alert?.severity ?? "info"}`}>
      <Icon name={alert?.severity ?? "info"} />
      {alert ? (
        <button type="button" class="link-button" onClick={() => panel.showAlert()}>
          {displayName(alert.message, 240)}
        </button>
      ) : (
        <span>{alerts.length === 1 ? "1 alert" : `${alerts.length} alerts`}</span>
      )}
      <span class="space" />
      {alert && alerts.length > 1 && (
        <span class="quiet">
          {view.alert + 1} of {alerts.length}
        </span>
      )}
      <IconButton
        icon={alert && view.alert === alerts.length - 1 ? "eye-closed" : "chevron-right"}
        label={alert && view.alert === alerts.length - 1 ? "Hide the path" : "Show the next alert"}
        onClick={() => panel.nextAlert()}
      />
    </div>
  );
}
