import path from "node:path";
import * as vscode from "vscode";
import type { EditWatch } from "../editor/editWatch.ts";
import { problemsOf, remarksOf } from "../editor/problems.ts";
import { visibleText } from "../plainText.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { describeEnding } from "../runner/outcome.ts";
import type { RunService } from "../runs/runService.ts";
import { itemOf } from "./tensorItems.ts";
import { type TensorNode, TensorTree } from "./tensorNodes.ts";

/** The view of all tensors of the result on screen, its faults first. */
export class TensorsView implements vscode.TreeDataProvider<TensorNode>, vscode.Disposable {
  readonly #results: Results;
  readonly #edits: EditWatch;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #view: vscode.TreeView<TensorNode>;
  readonly #listening: vscode.Disposable;
  #tree: TensorTree | null = null;
  #endProgress: (() => void) | null = null;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(results: Results, runs: RunService, edits: EditWatch) {
    this.#results = results;
    this.#edits = edits;
    this.#view = vscode.window.createTreeView("gradlens.tensors", { treeDataProvider: this, showCollapseAll: true });
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#update()),
      edits.onDidChange(() => this.#showMessage()),
      runs.onDidChange(() => this.#showProgress(runs.running !== null)),
    );
  }

  getTreeItem(node: TensorNode): vscode.TreeItem {
    return itemOf(node);
  }

  getChildren(node?: TensorNode): TensorNode[] {
    if (this.#tree === null) return [];
    return [...(node === undefined ? this.#tree.roots : this.#tree.childrenOf(node))];
  }

  getParent(node: TensorNode): TensorNode | undefined {
    return this.#tree?.parentOf(node);
  }

  /** Selects a tensor in the tree. */
  async reveal(tensor: number): Promise<void> {
    const node = this.#tree?.nodeOf(tensor);
    if (node !== undefined) await this.#view.reveal(node, { select: true, focus: false });
  }

  /** Brings the view in front. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand("gradlens.tensors.focus");
  }

  dispose(): void {
    this.#endProgress?.();
    this.#listening.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #update(): void {
    const { current, hiddenFailure } = this.#results;
    const told = hiddenFailure ?? current;
    this.#tree = current && told && new TensorTree(current, told);
    const faults = told ? problemsOf(told).filter(({ severity }) => severity !== "info").length : 0;
    this.#view.badge = faults === 0 ? undefined : { value: faults, tooltip: vscode.l10n.t("{0} alerts", faults) };
    this.#showMessage();
    this.#changed.fire();
    void vscode.commands.executeCommand("setContext", "gradlens.hasResult", current !== null);
    void vscode.commands.executeCommand("setContext", "gradlens.hasHiddenFailure", hiddenFailure !== null);
  }

  #showMessage(): void {
    const { current, hiddenFailure } = this.#results;
    const message = current === null ? "" : messageOf(current, hiddenFailure);
    const age = this.#edits.isEdited ? vscode.l10n.t(" · edited since: run again for new figures") : "";
    const told = hiddenFailure ?? current;
    const remarks = told === null ? [] : remarksOf(told);
    this.#view.message = visibleText([message + age, ...remarks].join("\n"));
  }

  #showProgress(isRunning: boolean): void {
    void vscode.commands.executeCommand("setContext", "gradlens.isRunning", isRunning);
    if (isRunning && this.#endProgress === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#endProgress = resolve;
      void vscode.window.withProgress({ location: { viewId: "gradlens.tensors" } }, () => promise);
    } else if (!isRunning) {
      this.#endProgress?.();
      this.#endProgress = null;
    }
  }
}

/** One line on top: what run this is. */
function messageOf(shown: RunResult, hiddenFailure: RunResult | null): string {
  const { file, startedAt } = shown.recording.meta;
  const time = new Date(startedAt).toLocaleTimeString();
  const name = path.basename(file);
  if (hiddenFailure) {
    return shown.failed
      ? vscode.l10n.t("{0}: the last run came to nothing. Below is the failed run of {1}.", name, time)
      : vscode.l10n.t("{0}: the last run failed. Below is the good run of {1}.", name, time);
  }
  if (shown.outcome === null) return vscode.l10n.t("{0}, recorded {1}", name, new Date(startedAt).toLocaleString());
  const { kind } = shown.outcome;
  if (kind === "ok") return `${name}, ${time}`;
  // What the alerts below say need not be said twice.
  const isTold = kind === "error" || kind === "compile-error";
  return isTold ? vscode.l10n.t("{0}, {1}: failed", name, time) : `${name}, ${time}: ${describeEnding(shown.outcome)}`;
}
