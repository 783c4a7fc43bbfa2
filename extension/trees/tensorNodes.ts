import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { type ModuleGroup, type TensorGroup, tensorTree } from "../../engine/recording/queries/tensorTree.ts";
import { type Problem, problemsOf } from "../editor/problems.ts";
import type { RunResult } from "../results/runResult.ts";

/** One line of the tensors view. */
export type TensorNode =
  | { readonly kind: "alerts"; readonly alerts: readonly Problem[] }
  | { readonly kind: "alert"; readonly alert: Problem; readonly index: number }
  | { readonly kind: "link"; readonly link: Problem["related"][number]; readonly id: string }
  | { readonly kind: "group"; readonly group: TensorGroup }
  | { readonly kind: "module"; readonly module: ModuleGroup }
  | { readonly kind: "tensor"; readonly tensor: TensorInfo };

/** The tree of a result, made once, so that a node is the same object wherever it is asked for. Alerts come first. */
export class TensorTree {
  readonly roots: readonly TensorNode[];
  readonly #children = new Map<TensorNode, readonly TensorNode[]>();
  readonly #parents = new Map<TensorNode, TensorNode>();
  readonly #ofTensor = new Map<number, TensorNode>();

  /** `alertsOf` is the run whose faults are told: the last one, which may have failed where `shown` did not. */
  constructor(shown: RunResult, alertsOf: RunResult) {
    const alerts = problemsOf(alertsOf);
    const alertNode: TensorNode[] = alerts.length === 0 ? [] : [{ kind: "alerts", alerts }];
    const groups = tensorTree(shown.tensors).map((group): TensorNode => ({ kind: "group", group }));
    this.roots = [...alertNode, ...groups];
    for (const root of this.roots) this.#add(root);
  }

  childrenOf(node: TensorNode): readonly TensorNode[] {
    return this.#children.get(node) ?? [];
  }

  parentOf(node: TensorNode): TensorNode | undefined {
    return this.#parents.get(node);
  }

  nodeOf(tensor: number): TensorNode | undefined {
    return this.#ofTensor.get(tensor);
  }

  #add(node: TensorNode): void {
    const children = childNodes(node);
    this.#children.set(node, children);
    if (node.kind === "tensor") this.#ofTensor.set(node.tensor.id, node);
    for (const child of children) {
      this.#parents.set(child, node);
      this.#add(child);
    }
  }
}

function childNodes(node: TensorNode): TensorNode[] {
  const tensorNodes = (tensors: readonly TensorInfo[]) =>
    tensors.map((tensor): TensorNode => ({ kind: "tensor", tensor }));
  switch (node.kind) {
    case "alerts":
      return node.alerts.map((alert, index) => ({ kind: "alert", alert, index }));
    case "group":
      if (node.group.modules.length === 0) return tensorNodes(node.group.tensors);
      return node.group.modules.map((module) => ({ kind: "module", module }));
    case "module":
      return tensorNodes(node.module.tensors);
    case "alert":
      return node.alert.related.map((link, i) => ({ kind: "link", link, id: `alert:${node.index}:${i}` }));
    case "link":
    case "tensor":
      return [];
  }
}
