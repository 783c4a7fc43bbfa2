import type { Recording } from "../recording.ts";
import { EventKind, TensorFlag } from "../schema.ts";
import { type Statistics, statistics } from "../statistics.ts";
import { type Alert, alertsInParts } from "./alerts.ts";
import { type BackwardSpan, backwardSpans, lastBackward } from "./backwardCalls.ts";
import { whyNoGradient } from "./gradReason.ts";
import type { BackwardStep, Graph, GraphAlert, GraphEdge, GraphGroup, GraphNode, GraphRole } from "./graphTypes.ts";
import { formatShort, formatValues } from "./numbers.ts";
import { PART, type Parts, wholeOf } from "./parts.ts";
import { Rows } from "./rows.ts";
import { gradStatus } from "./tensors.ts";

export interface GraphOptions {
  /** Which backward call, counted from 0; the last when left out. */
  readonly backward?: number;
  /** More ops than this are left out, the oldest first. Default 50,000. */
  readonly limit?: number;
  /** The alerts to show, where the user's comments and settings have been heard; all of them when left out. */
  readonly alerts?: readonly Alert[];
}

/** A program without a training loop is drawn whole up to this many ops. */
const WHOLE = 400;

/** So many ops are added to the graph in one part: a few milliseconds. */
const OPS = 512;

/** The graph behind one backward call; of a short program without optimizer steps, everything it did. */
export const buildGraph = (recording: Recording, options: GraphOptions = {}): Graph =>
  wholeOf(graphInParts(recording, options));

/** The same in parts, for those who must let others have their turn between them. */
export const graphInParts = (recording: Recording, options: GraphOptions = {}): Parts<Graph> =>
  new GraphBuilder(recording, options).build();

class GraphBuilder {
  private readonly rows: Rows;
  private readonly recording: Recording;
  private readonly options: GraphOptions;
  private readonly nodes: GraphNode[] = [];
  private readonly edges: GraphEdge[] = [];
  private readonly groups: GraphGroup[] = [];
  private readonly groupOfScope = new Map<number, number>();
  private readonly opNode = new Map<number, number>();
  /** Box of a tensor as one event left it; key `tensor:event`. */
  private readonly boxes = new Map<string, number>();
  /** Edge into an op, by `event:input`. */
  private readonly inputEdge = new Map<string, number>();
  /** Per row of `refs`: the event that made that tensor as it was then. */
  private producer = new Int32Array(0);
  private readonly gradOfNode = new Map<number, number>();

  constructor(recording: Recording, options: GraphOptions) {
    this.recording = recording;
    this.options = options;
    this.rows = new Rows(recording);
  }

  *build(): Parts<Graph> {
    this.producer = yield* producers(this.recording, this.rows);
    const span = this.backwardSpan();
    const { events, truncated } = yield* this.chooseEvents(span);
    if (span !== null) yield* this.readGradients(span);
    for (let i = 0; i < events.length; i++) {
      if (i % OPS === 0) yield;
      this.addOp(events[i]);
    }
    if (span !== null) this.markRoots(span);
    const alerts = this.options.alerts ?? (yield* alertsInParts(this.recording));
    return {
      nodes: this.nodes,
      edges: this.edges,
      groups: this.groups,
      backward: span === null ? [] : yield* this.backwardSteps(span),
      alerts: alerts.flatMap((alert) => this.placeAlert(alert)),
      truncated,
    };
  }

  /** The backward call to draw. */
  private backwardSpan(): BackwardSpan | null {
    const { backward } = this.options;
    if (backward === undefined) return lastBackward(this.recording);
    return backwardSpans(this.recording)[backward] ?? null;
  }

  private *chooseEvents(span: BackwardSpan | null): Parts<{ events: number[]; truncated: boolean }> {
    const { events } = this.recording.tables;
    const { kind } = events.column;
    let ops = 0;
    let steps = 0;
    for (let i = 1; i < events.rows; i++) {
      if (i % PART === 0) yield;
      if (kind[i] === EventKind.op) ops++;
      if (kind[i] === EventKind.optimizerEnd) steps++;
    }
    const limit = this.options.limit ?? 50_000;
    if (span === null || (this.options.backward === undefined && steps === 0 && ops <= WHOLE)) {
      const all: number[] = [];
      for (let i = 1; i < events.rows; i++) {
        if (i % PART === 0) yield;
        if (kind[i] === EventKind.op && !isUntracked(this.rows, i)) all.push(i);
      }
      return { events: all.slice(-limit), truncated: all.length > limit };
    }
    const chosen = yield* this.ancestors(span);
    return { events: chosen.slice(-limit), truncated: chosen.length > limit };
  }

  /** The ops that the roots of a backward call, and of those inside of it, were computed from, oldest first. */
  private *ancestors(span: BackwardSpan): Parts<number[]> {
    const { rows, column } = this.recording.tables.events;
    const isAncestor = new Uint8Array(rows);
    const found: number[] = [];
    // Whoever made something came before whoever used it.
    for (let event = span.end - 1; event > 0; event--) {
      if (event % PART === 0) yield;
      if (isAncestor[event] === 1) found.push(event);
      else if (event < span.start || column.kind[event] !== EventKind.backwardStart) continue;
      const first = column.refs[event];
      for (let ref = first; ref < first + column.inputs[event]; ref++) isAncestor[this.producer[ref]] = 1;
    }
    return found.reverse();
  }

  private *readGradients(span: BackwardSpan): Parts<void> {
    const { kind, node } = this.recording.tables.events.column;
    let depth = 0;
    for (let i = span.start; i < span.end; i++) {
      if (i % PART === 0) yield;
      if (kind[i] === EventKind.backwardStart) depth++;
      else if (kind[i] === EventKind.backwardEnd) depth--;
      // Where one inside of it ran a node of its own once more, its own gradient counts.
      else if (kind[i] === EventKind.node && (depth === 1 || !this.gradOfNode.has(node[i])))
        this.gradOfNode.set(node[i], i);
    }
  }

  private addOp(event: number): void {
    const { events, refs } = this.recording.tables;
    const first = events.column.refs[event];
    const outputs = this.rows.outputs(event);
    const out = outputs[0] ?? 0;
    const group = this.group(events.column.scope[event]);
    const gradient = this.gradientOf(event);
    const name = this.rows.eventName(event);
    const node = this.push({
      kind: "op",
      event,
      label: this.opLabel(event, name),
      op: name,
      gradFn: events.column.node[event] === 0 ? null : this.rows.gradFn(out),
      shape: out === 0 ? [] : this.rows.shape(out),
      dtype: out === 0 ? "float32" : this.rows.dtype(out),
      role: "op",
      requiresGrad: events.column.node[event] !== 0,
      isRoot: false,
      group,
      site: this.rows.site(events.column.site[event]),
      value: out === 0 ? null : this.smallFigures(out),
      grad: gradient === null ? null : this.smallFigures(gradient),
      valueText: out === 0 ? null : this.text(out),
      gradText: gradient === null ? null : this.text(gradient),
      gradStatus: gradient === null ? "none" : "present",
      gradReason: null,
    });
    this.opNode.set(event, node);
    for (let i = 0; i < events.column.inputs[event]; i++) {
      const tensor = refs.column.tensor[first + i];
      if (tensor !== 0) this.connect(event, i, tensor, this.producer[first + i], node, group);
    }
    for (const tensor of outputs)
      if (this.rows.firstName(tensor) !== undefined) this.connectBox(node, tensor, event, group);
  }

  /** `×`, or `× 3` where one operand is a plain number. */
  private opLabel(event: number, name: string): string {
    const { events, refs } = this.recording.tables;
    const plain = name.endsWith("_") ? name.slice(0, -1) : name;
    const symbol = this.recording.symbols.get(plain) ?? name;
    const first = events.column.refs[event];
    const numbers: string[] = [];
    for (let i = 0; i < events.column.inputs[event]; i++) {
      if (refs.column.tensor[first + i] === 0 && !Number.isNaN(refs.column.value[first + i]))
        numbers.push(formatShort(refs.column.value[first + i]));
    }
    if (numbers.length !== 1) return symbol;
    return symbol === "^" ? `^${numbers[0]}` : `${symbol} ${numbers[0]}`;
  }

  private connect(event: number, input: number, tensor: number, made: number, node: number, group: number): void {
    const from =
      made !== 0 && this.opNode.has(made)
        ? (this.boxes.get(`${tensor}:${made}`) ?? (this.opNode.get(made) as number))
        : this.leafBox(tensor, group);
    this.inputEdge.set(`${event}:${input}`, this.edges.length);
    this.edges.push({ from, to: node, shape: this.rows.shape(tensor), ...this.flow(event, tensor) });
  }

  private flow(event: number, tensor: number): { gradient: GraphEdge["gradient"]; cutBy: string | null } {
    const { events } = this.recording.tables;
    if ((this.rows.flags(tensor) & TensorFlag.requiresGrad) === 0) return { gradient: "none", cutBy: null };
    if (events.column.node[event] !== 0) return { gradient: "flows", cutBy: null };
    const op = this.rows.eventName(event);
    if (op === "detach") return { gradient: "cut", cutBy: "detach" };
    const out = this.rows.outputs(event)[0] ?? 0;
    if ((this.rows.flags(out) & TensorFlag.inference) !== 0) return { gradient: "cut", cutBy: "inferenceMode" };
    return { gradient: "cut", cutBy: this.rows.dtype(out).startsWith("float") ? "noGrad" : "integer" };
  }

  private leafBox(tensor: number, group: number): number {
    const key = `${tensor}:0`;
    const known = this.boxes.get(key);
    if (known !== undefined) return known;
    // A parameter stands in the module that uses it; what the user made outside stands outside.
    const node = this.push(this.describeTensor(tensor, this.rows.path.has(tensor) ? group : -1));
    this.boxes.set(key, node);
    return node;
  }

  private connectBox(op: number, tensor: number, event: number, group: number): void {
    const box = this.push({ ...this.describeTensor(tensor, group), ...this.gradientBox(event), event });
    this.boxes.set(`${tensor}:${event}`, box);
    const requires = (this.rows.flags(tensor) & TensorFlag.requiresGrad) !== 0;
    this.edges.push({
      from: op,
      to: box,
      shape: this.rows.shape(tensor),
      gradient: requires ? "flows" : "none",
      cutBy: null,
    });
  }

  /** A named non-leaf shows the gradient that passed through it, retained or not. */
  private gradientBox(event: number): Partial<GraphNode> {
    const gradient = this.gradientOf(event);
    return gradient === null ? {} : { grad: this.smallFigures(gradient), gradText: this.text(gradient) };
  }

  private describeTensor(tensor: number, group: number): Omit<GraphNode, "id"> {
    const flags = this.rows.flags(tensor);
    const grad = this.rows.grad(tensor);
    const requiresGrad = (flags & TensorFlag.requiresGrad) !== 0;
    const isLeaf = (flags & TensorFlag.leaf) !== 0;
    const status = gradStatus(grad, isLeaf, requiresGrad);
    const path = this.rows.path.get(tensor);
    return {
      kind: "tensor",
      event: 0,
      label: path === undefined ? (this.rows.firstName(tensor)?.name ?? "") : within(path, group),
      op: null,
      gradFn: this.rows.gradFn(tensor),
      shape: this.rows.shape(tensor),
      dtype: this.rows.dtype(tensor),
      role: this.role(tensor, flags),
      requiresGrad,
      isRoot: false,
      group,
      site: this.rows.place(tensor),
      value: this.rows.value(tensor) ?? this.smallFigures(tensor),
      grad,
      valueText: this.text(tensor),
      gradText: grad === null ? null : formatValues(grad.sample, this.rows.shape(tensor)),
      gradStatus: status,
      gradReason: grad === null ? whyNoGradient(this.rows, tensor).cause : null,
    };
  }

  private role(tensor: number, flags: number): GraphRole {
    if ((flags & TensorFlag.leaf) === 0) return "non-leaf";
    const requires = (flags & TensorFlag.requiresGrad) !== 0;
    if ((flags & TensorFlag.parameter) !== 0 || this.rows.path.has(tensor)) return requires ? "parameter" : "frozen";
    if (this.recording.tables.tensors.column.event[tensor] !== 0) return "non-leaf";
    return requires ? "leaf" : "constant";
  }

  /** The gradient that arrived at the first output of an op, as a tensor row; null when none did. */
  private gradientOf(event: number): number | null {
    const node = this.recording.tables.events.column.node[event];
    const ran = node === 0 ? undefined : this.gradOfNode.get(node);
    if (ran === undefined) return null;
    return this.rows.inputs(ran)[0] || null;
  }

  private markRoots(span: BackwardSpan): void {
    const first = this.recording.tables.events.column.refs[span.start];
    this.rows.inputs(span.start).forEach((tensor, i) => {
      const made = this.producer[first + i];
      const node = this.boxes.get(`${tensor}:${made}`) ?? this.opNode.get(made);
      if (node !== undefined) this.nodes[node] = { ...this.nodes[node], isRoot: true };
    });
  }

  private *backwardSteps(span: BackwardSpan): Parts<BackwardStep[]> {
    const { kind, node } = this.recording.tables.events.column;
    const steps: BackwardStep[] = [];
    for (let event = span.start; event < span.end; event++) {
      if (event % OPS === 0) yield;
      if (kind[event] === EventKind.node) {
        const forward = this.rows.forwardEvent(node[event]);
        const at = this.opNode.get(forward);
        const gradIn = this.rows.inputs(event)[0] ?? 0;
        if (at !== undefined && gradIn !== 0)
          steps.push({
            node: at,
            event,
            gradIn: this.text(gradIn) ?? "",
            crossed: this.crossed(event, forward, gradIn),
          });
      } else if (kind[event] === EventKind.accumulate) {
        const [leaf] = this.rows.inputs(event);
        const box = this.boxes.get(`${leaf}:0`);
        const arrived = this.rows.outputs(event)[0] ?? 0;
        if (box !== undefined && arrived !== 0)
          steps.push({ node: box, event, gradIn: this.text(arrived) ?? "", crossed: [] });
      }
    }
    return steps;
  }

  private crossed(event: number, forward: number, gradIn: number): BackwardStep["crossed"] {
    const incoming = this.scalar(gradIn);
    return [...this.rows.outputs(event)].flatMap((gradient, input) => {
      const edge = this.inputEdge.get(`${forward}:${input}`);
      if (gradient === 0 || edge === undefined) return [];
      const outgoing = this.scalar(gradient);
      const factor = incoming === null || outgoing === null || incoming === 0 ? null : outgoing / incoming;
      return [{ edge, grad: this.text(gradient) ?? "", factor }];
    });
  }

  private scalar(tensor: number): number | null {
    const values = this.rows.smallValues(tensor);
    return values !== null && values.length === 1 ? values[0] : null;
  }

  private text(tensor: number): string | null {
    const values = this.rows.smallValues(tensor);
    return values === null ? null : formatValues(values, this.rows.shape(tensor));
  }

  private smallFigures(tensor: number): Statistics | null {
    const values = this.rows.smallValues(tensor);
    return values === null ? null : statistics(values);
  }

  private group(scope: number): number {
    if (scope === 0) return -1;
    const known = this.groupOfScope.get(scope);
    if (known !== undefined) return known;
    const { scopes, modules } = this.recording.tables;
    const parent = this.group(scopes.column.parent[scope]);
    const owner = scopes.column.owner[scope];
    let path = "";
    for (let i = 0; owner !== 0 && i < modules.rows; i++)
      if (modules.column.owner[i] === owner) path = this.recording.strings[modules.column.path[i]];
    const name = path === "" ? this.recording.strings[scopes.column.name[scope]] : within(path, parent);
    const id = this.groups.length;
    this.groups.push({ id, parent, name, type: this.recording.strings[scopes.column.type[scope]] });
    this.groupOfScope.set(scope, id);
    return id;
  }

  private placeAlert(alert: Alert): GraphAlert[] {
    if (alert.origin === null) return [];
    const at = (event: number): number => {
      const { kind, node } = this.recording.tables.events.column;
      return this.opNode.get(kind[event] === EventKind.node ? this.rows.forwardEvent(node[event]) : event) ?? -1;
    };
    const chain = alert.chain.map((link) => at(link.event)).filter((node) => node !== -1);
    return [
      {
        kind: alert.kind,
        severity: alert.severity,
        message: alert.message,
        origin: at(alert.origin.event),
        phase: alert.origin.phase,
        chain,
      },
    ];
  }

  private push(node: Omit<GraphNode, "id">): number {
    const id = this.nodes.length;
    this.nodes.push({ id, ...node });
    return id;
  }
}

/** A module path as written inside a group: its last part; at top level the whole. */
const within = (path: string, group: number): string => (group === -1 ? path : path.slice(path.lastIndexOf(".") + 1));

/** Per row of `refs`, the op that had last written the tensor by then (in-place ops write tensors that exist); 0 for leaves. */
function* producers(recording: Recording, rows: Rows): Parts<Int32Array<ArrayBuffer>> {
  const { events, refs, tensors } = recording.tables;
  const result = new Int32Array(refs.rows);
  const latest = new Int32Array(tensors.rows);
  for (let event = 1; event < events.rows; event++) {
    if (event % PART === 0) yield;
    const first = events.column.refs[event];
    for (let i = 0; i < events.column.inputs[event]; i++) result[first + i] = latest[refs.column.tensor[first + i]];
    if (events.column.kind[event] !== EventKind.op || isUntracked(rows, event)) continue;
    for (const out of rows.outputs(event)) latest[out] = event;
  }
  return result;
}

/** An in-place op outside the graph (initial values, an update under noGrad) changes a tensor's values, not where it comes from. */
function isUntracked(rows: Rows, event: number): boolean {
  return rows.recording.tables.events.column.node[event] === 0 && rows.eventName(event).endsWith("_");
}
