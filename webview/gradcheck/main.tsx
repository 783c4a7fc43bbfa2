import "./gradcheck.css";
import { render } from "preact";
import { gradcheckPanel } from "../protocol/gradcheck.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { GradcheckPanel } from "./gradcheckPanel.ts";
import { isKeptView } from "./model.ts";
import { GradcheckPanelView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new GradcheckPanel({
  rpc: connect(gradcheckPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  kept: persistedState(host, isKeptView),
});
onThemeChange(() => panel.refreshTheme());
render(<GradcheckPanelView panel={panel} />, root);
void panel.load();
