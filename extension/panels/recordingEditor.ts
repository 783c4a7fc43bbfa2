import * as vscode from "vscode";
import { RecordingFileError } from "../../engine/recording/file.ts";
import { Bag } from "../disposables.ts";
import { Emitter } from "../emitter.ts";
import { readRecording } from "../results/readRecording.ts";
import type { RunResult } from "../results/runResult.ts";
import type { Services } from "../services.ts";
import { GraphSession } from "./graphSession.ts";

/** A recording file that is open: what is in it, or why that cannot be shown. */
interface RecordingDocument extends vscode.CustomDocument {
  readonly result: RunResult | null;
  readonly fault: string;
}

/** Opens `*.gradlens` files: the graph in the editor, the tensors in the view. Runs nothing, so it works in Restricted Mode. */
export class RecordingEditor implements vscode.CustomReadonlyEditorProvider<RecordingDocument>, vscode.Disposable {
  readonly #services: Services;
  readonly #registered: vscode.Disposable;

  constructor(services: Services) {
    this.#services = services;
    this.#registered = vscode.window.registerCustomEditorProvider("gradlens.recording", this, {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  async openCustomDocument(uri: vscode.Uri): Promise<RecordingDocument> {
    const { results, log } = this.#services;
    try {
      const result = await readRecording(uri);
      await results.prepare(result);
      return { uri, result, fault: "", dispose: () => results.close(result) };
    } catch (error) {
      log.warn(`${uri.fsPath} could not be opened.`, String(error));
      const fault = error instanceof RecordingFileError ? error.message : vscode.l10n.t("The file could not be read.");
      return { uri, result: null, fault, dispose: () => {} };
    }
  }

  resolveCustomEditor({ uri, result, fault }: RecordingDocument, panel: vscode.WebviewPanel): void {
    const { context, follower, log, results } = this.#services;
    const bag = new Bag();
    const changed = bag.own(new Emitter<void>());
    bag.own(
      new GraphSession(panel, {
        extensionUri: context.extensionUri,
        follower,
        source: {
          result: () => result,
          onDidChange: changed.event,
          whyEmpty: () => ({ reason: fault || vscode.l10n.t("Nothing was recorded."), action: null }),
          run: async () => {},
        },
      }),
    );
    let isOpen = true;
    const isInFront = (): boolean => isOpen && panel.active;
    const showTensors = async (): Promise<void> => {
      if (!isInFront() || result === null) return;
      await results.prepare(result);
      if (isInFront()) results.open(result);
    };
    const show = (): void => {
      showTensors().catch((error: unknown) => log.error(`${uri.fsPath} could not be shown.`, String(error)));
    };
    bag.own(panel.onDidChangeViewState(show));
    panel.onDidDispose(() => {
      isOpen = false;
      bag.dispose();
    });
    show();
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
