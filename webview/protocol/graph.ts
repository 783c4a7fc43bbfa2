import type { Graph, GraphSite, GraphStats } from "../../engine/recording/queries/graphTypes.ts";
import { contract } from "./contract.ts";
import {
  argumentsOf,
  arrayOf,
  either,
  type Guard,
  isAnything,
  isBoolean,
  isNumber,
  isOneOf,
  isString,
  isStringUpTo,
  isWhole,
  nullable,
  shapeOf,
} from "./guards.ts";
import { isRunSummary, type RunSummary } from "./run.ts";

/** What the graph panel may ask of the extension. */
export interface GraphRequests {
  /** The graph to draw, or why there is none. Called at the start and after every `graphChanged`. */
  loadGraph(options: GraphOptions): Promise<GraphReply>;
  /** Shows a place in the editor, without taking the keyboard from the panel. */
  revealSource(site: GraphSite): Promise<void>;
  /** Lets the user choose where to save; gives the file's name, or null when nothing was saved. `png` is sent as base64. */
  saveFile(kind: FileKind, data: string): Promise<string | null>;
  /** The one button of an empty panel: runs the model file the reply named. */
  runModel(): Promise<void>;
}

/** What the extension tells the graph panel. */
export interface GraphEvents {
  /** There is a newer recording, or the chosen run changed: the panel loads again. */
  graphChanged(): void;
  /** The editor's cursor is in this line: its nodes are highlighted. */
  cursorMoved(file: string, line: number): void;
  /** The user asked to see a line's nodes: they are selected and brought into sight. */
  showLine(file: string, line: number): void;
  /** A debugger stands at this event of the recording: what is done, at work and to come is told apart. Null when it has ended. */
  frameMoved(event: number | null): void;
}

export type FileKind = "svg" | "png" | "dot";

export interface GraphOptions {
  /** Which of the reply's `choices`; null for the extension's own choice (the last backward call). */
  readonly choice: number | null;
}

export type GraphReply = GraphShown | GraphMissing;

export interface GraphShown {
  readonly kind: "graph";
  readonly graph: Graph;
  readonly run: RunSummary;
  /** The graphs this run has: one for each backward call, and one of everything. */
  readonly choices: readonly GraphChoice[];
  /** The one shown, as a `GraphChoice.id`. */
  readonly choice: number;
}

export interface GraphMissing {
  readonly kind: "empty";
  /** One sentence: why there is nothing to draw. */
  readonly reason: string;
  /** What the button says that fills the panel (`Run mlp.ts`); null when nothing can be run. */
  readonly action: string | null;
}

export interface GraphChoice {
  readonly id: number;
  /** `backward 3 of 100, line 42`. */
  readonly label: string;
}

const isSite: Guard<GraphSite> = shapeOf<GraphSite>({ file: isString, line: isWhole(), column: isWhole() });

const isStats = shapeOf<GraphStats>({
  numel: isNumber,
  min: isNumber,
  max: isNumber,
  mean: isNumber,
  std: isNumber,
  norm: isNumber,
  zeros: isNumber,
  nan: isNumber,
  inf: isNumber,
});

const hasGraphFields = shapeOf<Graph>({
  nodes: arrayOf(
    shapeOf({
      id: isWhole(),
      kind: isOneOf("tensor", "op"),
      event: isWhole(),
      label: isString,
      op: nullable(isString),
      gradFn: nullable(isString),
      shape: arrayOf(isNumber),
      dtype: isString,
      role: isOneOf("leaf", "parameter", "frozen", "constant", "non-leaf", "op"),
      requiresGrad: isBoolean,
      isRoot: isBoolean,
      group: isNumber,
      site: nullable(isSite),
      value: nullable(isStats),
      grad: nullable(isStats),
      valueText: nullable(isString),
      gradText: nullable(isString),
      gradStatus: isString,
      gradReason: nullable(isString),
    }),
  ),
  edges: arrayOf(
    shapeOf({
      from: isWhole(),
      to: isWhole(),
      shape: arrayOf(isNumber),
      gradient: isOneOf("flows", "cut", "none"),
      cutBy: nullable(isString),
    }),
  ),
  groups: arrayOf(shapeOf({ id: isWhole(), parent: isNumber, name: isString, type: isString })),
  backward: arrayOf(
    shapeOf({
      node: isWhole(),
      event: isWhole(),
      gradIn: isString,
      crossed: arrayOf(shapeOf({ edge: isWhole(), grad: isString, factor: nullable(isNumber) })),
    }),
  ),
  alerts: arrayOf(
    shapeOf({
      kind: isString,
      severity: isOneOf("error", "warning", "info"),
      message: isString,
      origin: isNumber,
      phase: isOneOf("forward", "backward"),
      chain: arrayOf(isNumber),
    }),
  ),
  truncated: isBoolean,
});

/** Fields of the right types whose indices stay inside their lists: the drawing follows them without asking. */
const isGraph: Guard<Graph> = (value): value is Graph => {
  if (!hasGraphFields(value)) return false;
  const { nodes, edges, groups, backward, alerts } = value;
  const isNode = (id: number): boolean => id >= 0 && id < nodes.length;
  return (
    nodes.every((node, i) => node.id === i && node.group < groups.length) &&
    edges.every((edge) => isNode(edge.from) && isNode(edge.to)) &&
    groups.every((group, i) => group.parent < i) &&
    backward.every((step) => isNode(step.node) && step.crossed.every(({ edge }) => edge < edges.length)) &&
    alerts.every((alert) => alert.origin < nodes.length && alert.chain.every(isNode))
  );
};

const isShown = shapeOf<GraphShown>({
  kind: isOneOf("graph"),
  graph: isGraph,
  run: isRunSummary,
  choices: arrayOf(shapeOf<GraphChoice>({ id: isNumber, label: isString })),
  choice: isNumber,
});

const isMissing = shapeOf<GraphMissing>({ kind: isOneOf("empty"), reason: isString, action: nullable(isString) });

/** A picture of a very large graph as base64; more than this is refused. */
const largestFile = 128 * 1024 * 1024;

/** The conversation of the graph panel. */
export const graphPanel = contract<GraphRequests, GraphEvents>("graph", {
  requests: {
    loadGraph: {
      args: argumentsOf(shapeOf<GraphOptions>({ choice: nullable(isNumber) })),
      answer: either(isShown, isMissing),
    },
    revealSource: { args: argumentsOf(isSite), answer: isAnything },
    saveFile: {
      args: argumentsOf(isOneOf("svg", "png", "dot"), isStringUpTo(largestFile)),
      answer: nullable(isString),
    },
    runModel: { args: argumentsOf(), answer: isAnything },
  },
  events: {
    graphChanged: argumentsOf(),
    cursorMoved: argumentsOf(isString, isWhole()),
    showLine: argumentsOf(isString, isWhole()),
    frameMoved: argumentsOf(nullable(isWhole())),
  },
});
