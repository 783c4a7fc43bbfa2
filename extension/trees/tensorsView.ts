import path from "node:path";
import * as vscode from "vscode";
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
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #view: vscode.TreeView<TensorNode>;
  readonly #listening: vscode.Disposable;
  #tree: TensorTree | null = null;
  #endProgress: (() => void) | null = null;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(results: Results, runs: RunService) {
    this.#results = results;
    this.#view = vscode.window.createTreeView("gradlens.tensors", { treeDataProvider: this, showCollapseAll: true });
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#update()),
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
    const faults = told?.alerts.filter(({ severity }) => severity !== "info").length ?? 0;
    this.#view.badge = faults === 0 ? undefined : { value: faults, tooltip: vscode.l10n.t("{0} alerts", faults) };
    this.#view.message = current === null ? "" : visibleText(messageOf(current, hiddenFailure));
    this.#changed.fire();
    void vscode.commands.executeCommand("setContext", "gradlens.hasResult", current !== null);
    void vscode.commands.executeCommand("setContext", "gradlens.hasHiddenFailure", hiddenFailure !== null);
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
  if (hiddenFailure?.outcome) {
    const ending = describeEnding(hiddenFailure.outcome);
    return vscode.l10n.t("The last run failed: {0} Below is the good run of {1}.", ensurePeriod(ending), time);
  }
  if (shown.outcome === null) return vscode.l10n.t("{0}, recorded {1}", name, new Date(startedAt).toLocaleString());
  if (shown.outcome.kind === "ok") return `${name}, ${time}`;
  return `${name}, ${time}: ${describeEnding(shown.outcome)}`;
}

function ensurePeriod(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
