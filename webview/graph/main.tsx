import "./graph.css";
import { render } from "preact";
import { graphPanel } from "../protocol/graph.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { GraphPanel } from "./graphPanel.ts";
import { LayoutClient } from "./layoutClient.ts";
import { isKeptView } from "./model.ts";
import { GraphPanelView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new GraphPanel({
  rpc: connect(graphPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  layouts: new LayoutClient(root.dataset["worker"] ?? null),
  kept: persistedState(host, isKeptView),
});
onThemeChange(() => panel.refreshTheme());
render(<GraphPanelView panel={panel} />, root);
void panel.load();
