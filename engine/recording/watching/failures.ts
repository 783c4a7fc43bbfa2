import type { Node } from "../../autograd/node.ts";
import type { Tensor } from "../../autograd/tensor.ts";

/** Why a node of backward could not run. */
export interface Failure {
  /** The saved tensor that was changed; null when the failure is another one. */
  readonly culprit: Tensor | null;
  /** As JSON: a FailureDetail. */
  readonly detail: string;
}

/** What a recording keeps about a node that threw. */
export interface FailureDetail {
  readonly message: string;
  /** What the node saved by this name is gone (`freed`), or is not what it was (`changed`). */
  readonly saved?: string;
  readonly state?: "freed" | "changed";
  /** Of a changed tensor: the version that was saved and the one that is there. */
  readonly expected?: number;
  readonly version?: number;
}

/** Finds out what is wrong with what a node saved. */
export function describeFailure(node: Node, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const found = damagedSlot(node);
  const detail: FailureDetail = { message, ...found?.detail };
  return { culprit: found?.culprit ?? null, detail: JSON.stringify(detail) };
}

function damagedSlot(node: Node): { culprit: Tensor | null; detail: Partial<FailureDetail> } | null {
  const { kept, keptVersions } = node;
  for (let i = 0; i < kept.length; i++) {
    const slot = kept[i];
    const name = node.keptName(i);
    // What backward freed is marked by a symbol.
    if (typeof slot === "symbol") return { culprit: null, detail: { saved: name, state: "freed" } };
    if (!isKeptTensor(slot) || slot.storage.version === keptVersions[i]) continue;
    const { version } = slot.storage;
    return { culprit: slot, detail: { saved: name, state: "changed", expected: keptVersions[i], version } };
  }
  return null;
}

/** Whether a node keeps a tensor as it is: what a hook keeps in its place has no storage. */
export const isKeptTensor = (slot: unknown): slot is Tensor =>
  typeof slot === "object" && slot !== null && "storage" in slot && slot.storage !== null;
