import "./training.css";
import { render } from "preact";
import { trainingPanel } from "../protocol/training.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { isKeptTraining, TrainingPanel } from "./trainingPanel.ts";
import { TrainingView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new TrainingPanel(
  connect(trainingPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  persistedState(host, isKeptTraining),
);
onThemeChange(() => panel.refreshTheme());
render(<TrainingView panel={panel} />, root);
void panel.load();
