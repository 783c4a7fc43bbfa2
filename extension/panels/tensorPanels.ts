import * as vscode from "vscode";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { Bag } from "../disposables.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { OnePanel } from "./onePanel.ts";
import type { TensorAnswers } from "./tensorReply.ts";
import { type TensorParts, TensorSession } from "./tensorSession.ts";

const viewType = "gradlens.tensor";

/** The tensor viewer of a window. */
export class TensorPanels extends OnePanel<TensorSession> {
  constructor(parts: TensorParts & { readonly kept: KeptRecording }) {
    super({
      viewType,
      title: vscode.l10n.t("Gradlens Tensor"),
      extensionUri: parts.extensionUri,
      restore: () => parts.kept.restore(),
      open: (panel) => {
        const bag = new Bag();
        bag.own(parts.kept.hold());
        return new TensorSession(panel, parts, bag);
      },
    });
  }

  /** Opens the viewer with a tensor of the run on screen. */
  showTensor(tensor: TensorInfo): void {
    this.show().show(tensor);
  }

  /** Opens the viewer with a tensor as it is where a debugger stands. */
  showDebugged(answers: TensorAnswers): void {
    this.show().showDebugged(answers);
  }

  /** Whether the viewer shows a tensor of a debugger. */
  get isDebugged(): boolean {
    return this.session?.isDebugged ?? false;
  }

  /** Lets a viewer that shows a tensor of a debugger follow it, where it is; null at the debugger's end. */
  followDebugged(answers: TensorAnswers | null): void {
    this.session?.followDebugged(answers);
  }
}
