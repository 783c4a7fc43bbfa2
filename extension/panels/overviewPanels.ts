import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { OnePanel } from "./onePanel.ts";
import { type OverviewParts, OverviewSession } from "./overviewSession.ts";

const viewType = "gradlens.overview";

/** The run overview of a window: it opens on demand and shows the run on screen. */
export class OverviewPanels extends OnePanel<OverviewSession> {
  constructor(parts: OverviewParts & { readonly kept: KeptRecording }) {
    super({
      viewType,
      title: vscode.l10n.t("Gradlens Overview"),
      extensionUri: parts.extensionUri,
      restore: () => parts.kept.restore(),
      open: (panel) => {
        const bag = new Bag();
        bag.own(parts.kept.hold());
        return new OverviewSession(panel, parts, bag);
      },
    });
  }
}
