import "./tensor.css";
import { render } from "preact";
import { tensorPanel } from "../protocol/tensor.ts";
import { acquireHost } from "../ui/host.ts";
import { registerKit } from "../ui/kit.ts";
import { persistedState } from "../ui/persisted.ts";
import { connect } from "../ui/rpcClient.ts";
import { onThemeChange } from "../ui/theme.ts";
import { isKeptTensor } from "./model.ts";
import { TensorPanel } from "./tensorPanel.ts";
import { TensorView } from "./view.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no place for the panel.");

registerKit();
const host = acquireHost();
const panel = new TensorPanel(
  connect(tensorPanel, {
    post: (message) => host.postMessage(message),
    listen: (receive) => window.addEventListener("message", (event) => receive(event.data)),
  }),
  persistedState(host, isKeptTensor),
);
onThemeChange(() => panel.refreshTheme());
render(<TensorView panel={panel} />, root);
void panel.load();
