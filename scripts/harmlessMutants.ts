interface Harmless {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

const list = (
  file: string,
  entries: readonly (readonly [before: string, after: string, reason: string])[],
): Harmless[] => entries.map(([before, after, reason]) => ({ file, before, after, reason }));

const TIES = "Only accumulators have equal ranks, and leaves may be filled in any order.";
const LAST_ITSELF = "The place after the last node still holds that node, which ends the walk as well.";
const NO_ELEMENT = "One step further there is no element, and undefined takes the way that ends the step.";
const ONLY_SLOWER =
  "Computes a gradient that is dropped where it arrives; backwardDetails.test.ts sees to it that formulas nobody needs do not run.";

const ONLY_SPEED = "What it spares is work, not a result.";

/** Changes that make no difference to what the engine does, and why. */
export const harmless: readonly Harmless[] = [
  ...list("readyQueue.ts", [
    ["if (rankOf(heap[parent]) >= rank) break;", "if (rankOf(heap[parent]) > rank) break;", TIES],
    [
      "if (child + 1 < n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;",
      "if (child + 1 < n && rankOf(heap[child + 1]) >= rankOf(heap[child])) child++;",
      TIES,
    ],
    ["if (child >= n) break;", "if (child > n) break;", LAST_ITSELF],
    [
      "if (child + 1 < n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;",
      "if (child + 1 <= n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;",
      LAST_ITSELF,
    ],
    [
      "if (child + 1 < n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;",
      "if (child - 1 < n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;",
      LAST_ITSELF,
    ],
    ["if (rankOf(heap[child]) <= rank) break;", "if (rankOf(heap[child]) < rank) break;", TIES],
  ]),
  ...list("backward.ts", [
    [
      "readonly id = nextPass++;",
      "readonly id = nextPass--;",
      "Any numbers will do that differ; the one pass of a program that got 0 would not use its buffers again.",
    ],
    ["if (young.length > 0) young.length = 0;", "if (young.length >= 0) young.length = 0;", ONLY_SPEED],
    [
      "for (let i = 0; i < grads.length; i++) this.letGo(grads[i]);",
      "for (let i = 0; i <= grads.length; i++) this.letGo(grads[i]);",
      NO_ELEMENT,
    ],
    [
      "if (this.wanted === null) return everything;",
      "if (false && this.wanted === null) return everything;",
      "Every node of a backward for all leaves is marked as needed, so asking the marks gives the same.",
    ],
    ["for (let i = 0; i < next.length; i++) {", "for (let i = 0; i <= next.length; i++) {", NO_ELEMENT],
    [
      "this.countConsumers(false);",
      "this.countConsumers(true);",
      "markNeeded, which comes next, sets the mark of every node anew.",
    ],
    [
      "watch.observer = observer;",
      ";",
      "A second net: whatever silences the observer on the way gives it back itself.",
    ],
    [
      "if (target === null || target === undefined) return false;",
      "if (target === null || target === undefined) return true;",
      ONLY_SLOWER,
    ],
    [
      "for (let d = 0; d < x.ndim; d++) if (d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)) dims.push(d);",
      "for (let d = 0; d <= x.ndim; d++) if (d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)) dims.push(d);",
      NO_ELEMENT,
    ],
  ]),
  ...list("inplace.ts", [
    [
      "const cast = result.dtype === x.dtype ? result : result.to(x.dtype);",
      "const cast = result.dtype !== x.dtype ? result : result.to(x.dtype);",
      "Writing into a typed array converts, and so does backward where a gradient meets its tensor.",
    ],
    [
      "if (observer !== null && operands !== null) {",
      "if (observer !== null || operands !== null) {",
      "Both are null or none is.",
    ],
    ["watch.observer = observer;", ";", "In the body or in finally: either gives the observer back."],
    ["watch.observer = null;", ";", "Silences the conversion of the result's dtype, which few in-place ops have."],
  ]),
  ...list("saved.ts", [
    [
      'return typeof slot === "object" && slot?.storage === null;',
      'return typeof slot === "object" || slot?.storage === null;',
      "A tensor that no hook packed is looked at once for all formulas of its node then, and is the same each time.",
    ],
    [
      "leaf: gradFn === null && tensor.leafRequiresGrad ? tensor : null,",
      "leaf: gradFn === null || tensor.leafRequiresGrad ? tensor : null,",
      "Of a tensor without a graph: it has no accumulator to be linked to either.",
    ],
    [
      "if (gradFn === null && leaf === null && !result.requiresGrad) return result;",
      "if (false && gradFn === null && leaf === null && !result.requiresGrad) return result;",
      "A detached view of the result has the same elements.",
    ],
  ]),
  ...list("views.ts", [
    [
      "return elements === 0 ? 0 : shape.reduce((last, size, d) => last + (size - 1) * strides[d], 1);",
      "return elements === 0 ? 0 : shape.reduce((last, size, d) => last + (size + 1) * strides[d], 1);",
      "The image of a gradient gets more room than it needs, and nobody reads what lies behind its last element.",
    ],
    [
      "for (let d = 0; d < x.shape.length; d++) if (x.strides[d] === 0 && x.shape[d] > 1) return true;",
      "for (let d = 0; d <= x.shape.length; d++) if (x.strides[d] === 0 && x.shape[d] > 1) return true;",
      NO_ELEMENT,
    ],
    ["viewOf.version = x.storage.version;", ";", "The next look at the view's node makes the same one again."],
  ]),
];
