import "./profiler.css";
import { render } from "preact";
import { profilerPanel } from "../protocol/profiler.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { isKeptView } from "./keptView.ts";
import { ProfilerPanel } from "./profilerPanel.ts";
import { ProfilerView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new ProfilerPanel({
  rpc: connect(profilerPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  kept: persistedState(host, isKeptView),
});
onThemeChange(() => panel.refreshTheme());
render(<ProfilerView panel={panel} />, root);
void panel.load();
