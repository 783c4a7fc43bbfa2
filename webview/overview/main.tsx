import "./overview.css";
import { render } from "preact";
import { overviewPanel } from "../protocol/overview.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { isKeptOverview } from "./model.ts";
import { OverviewPanel } from "./overviewPanel.ts";
import { OverviewView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new OverviewPanel(
  connect(overviewPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  persistedState(host, isKeptOverview),
);
onThemeChange(() => panel.refreshTheme());
render(<OverviewView panel={panel} />, root);
void panel.load();
