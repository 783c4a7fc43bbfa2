/**
 * The autograd graph of one backward call (or of everything recorded), as people draw it: leaves and named tensors are
 * boxes, ops are pills between them. Forward edges run from producer to consumer; gradients flow the other way.
 */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Module scopes, outermost first: a group's parent always stands before it. */
  readonly groups: readonly GraphGroup[];
  /** What backward did, in order: drives the animation. Empty when backward never ran. */
  readonly backward: readonly BackwardStep[];
  /** Faults that have a place in this graph; the drawing shows their path last and thick. */
  readonly alerts: readonly GraphAlert[];
  /** True when the recording holds more nodes than the query's limit and the rest was left out. */
  readonly truncated: boolean;
}

export interface GraphNode {
  /** Index in `Graph.nodes`. */
  readonly id: number;
  readonly kind: "tensor" | "op";
  /** Row of the event that made it; 0 for a tensor nobody computed. */
  readonly event: number;
  /** What is written in the box: the user's name for a tensor, the op's symbol for an op (`×`, `+`, `^2`, `matmul`). */
  readonly label: string;
  /** The op's public name (`mul`), or null for a tensor nobody computed. */
  readonly op: string | null;
  /** `MulBackward0`, or null where no gradient is recorded. */
  readonly gradFn: string | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly role: GraphRole;
  readonly requiresGrad: boolean;
  /** A root of backward: where gradients start. */
  readonly isRoot: boolean;
  /** Index in `Graph.groups`, or -1 at top level. */
  readonly group: number;
  /** Where the user wrote it; null when unknown. */
  readonly site: GraphSite | null;
  readonly value: GraphStats | null;
  readonly grad: GraphStats | null;
  /** First elements of value and gradient, row-major; enough to show small tensors whole. */
  readonly valueText: string | null;
  readonly gradText: string | null;
  /** "present", "none", "not-retained", "zero" or "nonfinite". */
  readonly gradStatus: string;
  /** Why there is no gradient to show: a `gradReason` word of the JSON report (`detached`, `no-grad-mode`, …); null when there is one. */
  readonly gradReason: string | null;
}

/** leaf: made by the user; parameter: a module's or an optimizer's leaf; frozen: a parameter with requires_grad off; constant: a leaf without requires_grad. */
export type GraphRole = "leaf" | "parameter" | "frozen" | "constant" | "non-leaf" | "op";

export interface GraphSite {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface GraphStats {
  readonly numel: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly norm: number;
  readonly zeros: number;
  readonly nan: number;
  readonly inf: number;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly shape: readonly number[];
  /** "flows": a gradient flows back along it. "cut": it was cut here (detach, noGrad, an integer result). "none": nobody asked for a gradient. */
  readonly gradient: "flows" | "cut" | "none";
  /** What cut it: "detach", "noGrad", "inferenceMode", "integer"; null when not cut. */
  readonly cutBy: string | null;
}

export interface GraphGroup {
  readonly id: number;
  readonly parent: number;
  /** `fc1`, `layers.3`. */
  readonly name: string;
  /** `Linear`. */
  readonly type: string;
}

/** One fault as the graph shows it: where it was born, and the way to where it surfaced. */
export interface GraphAlert {
  /** `nan`, `grad-none`, `exploding` …, as in the report. */
  readonly kind: string;
  readonly severity: "error" | "warning" | "info";
  /** One short sentence in the user's terms. */
  readonly message: string;
  /** The node where the fault was born; -1 when it lies outside this graph. */
  readonly origin: number;
  readonly phase: "forward" | "backward";
  /** Nodes from the origin to the symptom, both included; each two neighbours are joined by an edge of the graph where one exists. */
  readonly chain: readonly number[];
}

/**
 * One backward node's run: the gradient that came in and those it sent on, with the local factor when it is a single number.
 * The first step's `gradIn` is the seed. An edge from an op to the named tensor it made is nobody's work: it carries the op's own
 * `gradIn` and stands in no `crossed`.
 */
export interface BackwardStep {
  /** The op node at work, or the leaf for an accumulation. */
  readonly node: number;
  /** Row of the event that is this step. */
  readonly event: number;
  readonly gradIn: string;
  /** Per edge crossed (index in `Graph.edges`): the gradient text and, for scalars, the local derivative. */
  readonly crossed: readonly { readonly edge: number; readonly grad: string; readonly factor: number | null }[];
}
