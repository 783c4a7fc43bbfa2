import * as vscode from "vscode";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import type { Handlers } from "../../webview/protocol/contract.ts";
import {
  isTensorKey,
  type TensorEvents,
  type TensorKey,
  type TensorReply,
  type TensorRequests,
  tensorPanel,
} from "../../webview/protocol/tensor.ts";
import type { Bag } from "../disposables.ts";
import type { EditorFollower } from "../editor/editorFollower.ts";
import type { Results } from "../results/results.ts";
import type { SessionPanel } from "./graphSession.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { recordedName } from "./recordedPlace.ts";
import { type RpcHost, serveContract } from "./rpcHost.ts";
import { runAction, runModelInSight } from "./runSource.ts";
import { keyOf, TensorAnswers, tensorOfKey } from "./tensorReply.ts";

/** What the tensor viewer is made of. */
export interface TensorParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly follower: EditorFollower;
  /** Remembers the tensor over a reload: the state of a page comes too late for that in a browser. */
  readonly memory: vscode.Memento;
}

const memoryKey = "gradlens.tensorViewer";

/** The tensor viewer, as long as its webview lives. It shows the same tensor of each run. */
export class TensorSession implements vscode.Disposable {
  readonly #parts: TensorParts;
  readonly #bag: Bag;
  readonly #host: RpcHost<TensorEvents>;
  /** Null until one was chosen. */
  #key: TensorKey | null = null;
  #answers: TensorAnswers | null = null;
  /** A tensor as it is where a debugger stands; until that ends, or there is another result. */
  #debugged: TensorAnswers | null = null;

  /** `bag` ends with the session. */
  constructor({ webview }: SessionPanel, parts: TensorParts, bag: Bag) {
    this.#parts = parts;
    this.#bag = bag;
    const { extensionUri, results } = parts;
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    this.#host = bag.own(serveContract(tensorPanel, webview, this.#handlers()));
    bag.own(
      results.onDidReplace(() => {
        this.#debugged = null;
      }),
    );
    bag.own(results.onDidChange(() => this.#host.send.tensorChanged()));
    webview.html = panelHtml(webview, extensionUri, { name: "tensor", title: vscode.l10n.t("Tensor") });
  }

  /** Shows a tensor of the run on screen. */
  show(tensor: TensorInfo): void {
    this.#key = keyOf(tensor);
    void this.#parts.memory.update(memoryKey, this.#key);
    this.#answers = null;
    this.#debugged = null;
    this.#host.send.tensorChanged();
  }

  /** Shows a tensor of a run that is being debugged; of the next result, the one of its name. */
  showDebugged(answers: TensorAnswers): void {
    this.#key = keyOf(answers.tensor);
    this.#debugged = answers;
    this.#host.send.tensorChanged();
  }

  get isDebugged(): boolean {
    return this.#debugged !== null;
  }

  /** The debugger stands elsewhere, or, null, has ended. Whoever looks at a tensor of a run by now is left alone. */
  followDebugged(answers: TensorAnswers | null): void {
    if (this.#debugged === null) return;
    this.#debugged = answers;
    this.#host.send.tensorChanged();
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #handlers(): Handlers<TensorRequests, AbortSignal> {
    const { results } = this.#parts;
    return {
      loadTensor: (kept) => this.#load(kept),
      loadSlice: (view) => this.#of(view.id).slice(view),
      loadCells: (view) => this.#of(view.id).cells(view),
      copySlice: async (view, format) => {
        const { text, count } = this.#of(view.id).text(view, format);
        await vscode.env.clipboard.writeText(text);
        return count;
      },
      chooseTensor: async () => {
        await vscode.commands.executeCommand("gradlens.viewTensor", "choose");
      },
      revealSource: async (place) => {
        await this.#reveal(place);
      },
      showInGraph: async (place) => {
        await vscode.commands.executeCommand("gradlens.showInGraph", place);
      },
      runModel: () => runModelInSight(results),
    };
  }

  #load(kept: TensorKey | null): TensorReply {
    const { results } = this.#parts;
    if (this.#debugged !== null) {
      this.#answers = this.#debugged;
      return this.#answers.shown((file) => vscode.workspace.asRelativePath(file));
    }
    this.#key ??= kept ?? this.#remembered();
    const { current } = results;
    const tensors = current?.tensors ?? [];
    const tensor = this.#key && tensorOfKey(tensors, this.#key);
    if (current === null || tensor === null) {
      this.#answers = null;
      const canChoose = tensors.length > 0;
      return { kind: "empty", reason: this.#whyEmpty(), action: canChoose ? null : runAction(results), canChoose };
    }
    this.#answers = new TensorAnswers(current, tensor);
    return this.#answers.shown((file) => vscode.workspace.asRelativePath(file));
  }

  #remembered(): TensorKey | null {
    const key = this.#parts.memory.get<unknown>(memoryKey);
    return isTensorKey(key) ? key : null;
  }

  #whyEmpty(): string {
    if (this.#parts.results.current === null) return vscode.l10n.t("No run is open, so there is no tensor.");
    if (this.#key === null) return vscode.l10n.t("No tensor is chosen.");
    const name = displayName(this.#key.name, 60);
    return vscode.l10n.t("The run on screen has no tensor called {0}.", name);
  }

  /** Throws when the page speaks of a tensor that is on screen no more. */
  #of(id: number): TensorAnswers {
    if (this.#answers?.tensor.id !== id) throw new Error(vscode.l10n.t("That tensor is on screen no more."));
    return this.#answers;
  }

  /** Only files that the recording speaks of: a webview is not to open others. */
  async #reveal(place: Place): Promise<void> {
    const { results, follower } = this.#parts;
    const result = this.#debugged?.result ?? results.current;
    if (result === null || recordedName(result, place.file) === null) return;
    const { file, line, column } = place;
    await follower.reveal({ file, line: Math.max(1, line), column: Math.max(1, column) }, result, { keepFocus: true });
  }
}
