import type {
  BackwardStep,
  Graph,
  GraphAlert,
  GraphEdge,
  GraphGroup,
  GraphNode,
  GraphStats,
} from "../../../engine/recording/queries/graphTypes.ts";

/** Builds graphs by hand, the way a recording's query would give them. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = [];
  readonly #edges: GraphEdge[] = [];
  readonly #groups: GraphGroup[] = [];
  readonly #alerts: GraphAlert[] = [];
  readonly #open: number[] = [];
  #backward: BackwardStep[] = [];
  #line = 1;

  tensor(name: string, shape: readonly number[], details: Partial<GraphNode> = {}): number {
    return this.#add({ kind: "tensor", label: name, op: null, shape, role: "leaf", gradFn: null, ...details });
  }

  /** An input that asks for no gradient. */
  constant(name: string, shape: readonly number[], details: Partial<GraphNode> = {}): number {
    return this.tensor(name, shape, {
      role: "constant",
      requiresGrad: false,
      grad: null,
      gradStatus: "none",
      ...details,
    });
  }

  parameter(name: string, shape: readonly number[], details: Partial<GraphNode> = {}): number {
    return this.tensor(name, shape, {
      role: "parameter",
      grad: stats(shape, 0.01 * 10 ** (name.length % 3)),
      ...details,
    });
  }

  op(symbol: string, inputs: readonly number[], shape: readonly number[], details: Partial<GraphNode> = {}): number {
    const requiresGrad = inputs.some((input) => this.#nodes[input]?.requiresGrad);
    const node = this.#add({ kind: "op", label: symbol, op: symbol, shape, role: "op", requiresGrad, ...details });
    for (const input of inputs) this.edge(input, node);
    return node;
  }

  /** Gives an op's result the name of a variable. */
  named(name: string, op: number, details: Partial<GraphNode> = {}): number {
    const made = this.#nodes[op];
    const requiresGrad = made?.requiresGrad ?? false;
    const node = this.tensor(name, made?.shape ?? [], {
      role: "non-leaf",
      op: made?.op ?? null,
      requiresGrad,
      ...details,
    });
    this.edge(op, node);
    return node;
  }

  edge(from: number, to: number, details: Partial<GraphEdge> = {}): number {
    const source = this.#nodes[from];
    const gradient = source?.requiresGrad ? "flows" : "none";
    return this.#edges.push({ from, to, shape: source?.shape ?? [], gradient, cutBy: null, ...details }) - 1;
  }

  /** Everything made inside belongs to the module. */
  module<T>(name: string, type: string, make: () => T): T {
    const parent = this.#open.at(-1) ?? -1;
    this.#open.push(this.#groups.push({ id: this.#groups.length, parent, name, type }) - 1);
    const made = make();
    this.#open.pop();
    return made;
  }

  backward(steps: readonly BackwardStep[]): void {
    this.#backward = [...steps];
  }

  /** Backward in the reverse order of making, with a gradient text for every edge that flows. */
  backwardInReverse(): void {
    const ops = this.#nodes.filter((node) => node.kind === "op" && node.requiresGrad).reverse();
    this.#backward = ops.map((node) => ({
      node: node.id,
      event: 0,
      gradIn: `[${node.shape.join(", ")}]`,
      crossed: this.#edges.flatMap((edge, e) =>
        edge.to === node.id && edge.gradient === "flows"
          ? [{ edge: e, grad: `‖∇‖ ${(0.1 + (e % 7)).toFixed(2)}`, factor: null }]
          : [],
      ),
    }));
  }

  alert(alert: GraphAlert): void {
    this.#alerts.push(alert);
  }

  build(): Graph {
    return {
      nodes: this.#nodes,
      edges: this.#edges,
      groups: this.#groups,
      backward: this.#backward,
      alerts: this.#alerts,
      truncated: false,
    };
  }

  #add(details: Partial<GraphNode> & Pick<GraphNode, "kind" | "label" | "shape" | "role">): number {
    const id = this.#nodes.length;
    const requiresGrad = details.requiresGrad ?? true;
    this.#line++;
    this.#nodes.push({
      id,
      event: 0,
      op: null,
      gradFn: details.kind === "op" && requiresGrad ? `${details.op ?? "Op"}Backward0` : null,
      dtype: "float32",
      requiresGrad,
      isRoot: false,
      group: this.#open.at(-1) ?? -1,
      site: { file: "/project/model.ts", line: this.#line, column: 3 },
      value: stats(details.shape, 1),
      grad: details.kind === "tensor" && requiresGrad ? stats(details.shape, 0.1) : null,
      valueText: null,
      gradText: null,
      gradStatus: requiresGrad ? "present" : "none",
      gradReason: requiresGrad ? null : "not-required",
      ...details,
    });
    return id;
  }
}

/** Statistics of a made-up tensor whose elements are about `size` large. */
export function stats(shape: readonly number[], size: number): GraphStats {
  const numel = shape.reduce((product, length) => product * length, 1);
  return {
    numel,
    min: -2 * size,
    max: 2 * size,
    mean: 0,
    std: size,
    norm: size * Math.sqrt(numel),
    zeros: 0,
    nan: 0,
    inf: 0,
  };
}

/** Statistics of a single number. */
export function scalarStats(value: number): GraphStats {
  const isNumber = !Number.isNaN(value);
  return {
    numel: 1,
    min: value,
    max: value,
    mean: value,
    std: 0,
    norm: Math.abs(value),
    zeros: 0,
    nan: isNumber ? 0 : 1,
    inf: 0,
  };
}
