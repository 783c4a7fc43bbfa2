import type { Adjacency } from "./adjacency.ts";
import { layoutFlat } from "./flatLayout.ts";
import { type FlatGraph, type FlatResult, vertexKind } from "./flatTypes.ts";
import { layoutParts } from "./parts.ts";
import { PathWriter } from "./pathWriter.ts";
import { byLevel, cutAtFrames, type Terminals } from "./terminals.ts";
import { type Checkpoint, type LayoutInput, type LayoutResult, spacing } from "./types.ts";

/**
 * A layered drawing of nested boxes: every cluster is laid out on its own, innermost first, and is then one box with ports in
 * its parent. So frames contain their members and nothing else, and the work grows with the number of boxes and edges.
 */
export function layeredLayout(input: LayoutInput, checkpoint: Checkpoint = () => {}): LayoutResult {
  const levels = new Levels(input);
  levels.layoutInnermostFirst(checkpoint);
  return levels.assemble();
}

class Levels {
  readonly #input: LayoutInput;
  readonly #terminals: Terminals;
  readonly #nodesOf: Adjacency;
  readonly #clustersOf: Adjacency;
  readonly #portsOf: Adjacency;
  readonly #piecesOf: Adjacency;
  /** Index of a node, cluster or port inside the level it is drawn in. */
  readonly #localNode: Int32Array;
  readonly #localCluster: Int32Array;
  readonly #localPort: Int32Array;
  /** Size of every cluster's frame, and where each port stands on it, relative to the frame's middle. */
  readonly #frameWidth: Float64Array;
  readonly #frameHeight: Float64Array;
  readonly #portOffset: Float64Array;
  readonly #results: FlatResult[] = [];
  readonly #localPiece: Int32Array;

  constructor(input: LayoutInput) {
    const clusters = input.clusterParent.length;
    const terminals = cutAtFrames(input);
    this.#input = input;
    this.#terminals = terminals;
    this.#nodesOf = byLevel(input.cluster, clusters);
    this.#clustersOf = byLevel(input.clusterParent, clusters);
    this.#portsOf = byLevel(terminals.portCluster, clusters);
    this.#piecesOf = byLevel(terminals.pieceLevel, clusters);
    this.#localNode = new Int32Array(input.height.length);
    this.#localCluster = new Int32Array(clusters);
    this.#localPort = new Int32Array(terminals.portCluster.length);
    this.#localPiece = new Int32Array(terminals.pieceFrom.length);
    this.#frameWidth = new Float64Array(clusters);
    this.#frameHeight = new Float64Array(clusters);
    this.#portOffset = new Float64Array(terminals.portCluster.length);
  }

  layoutInnermostFirst(checkpoint: Checkpoint): void {
    const total = Math.max(1, this.#input.height.length);
    let done = 0;
    for (let cluster = this.#input.clusterParent.length - 1; cluster >= -1; cluster--) {
      const graph = this.#flatGraph(cluster + 1);
      const share = graph.count / total;
      const progress = (within: number): void => checkpoint(Math.min(1, done + within * share));
      const result = cluster < 0 ? layoutParts(graph, progress) : layoutFlat(graph, progress);
      done += share;
      this.#results[cluster + 1] = result;
      if (cluster >= 0) this.#frame(cluster, result);
    }
  }

  /** One level as a flat graph: its nodes, its child clusters as boxes, and its own ports as entries and exits. */
  #flatGraph(level: number): FlatGraph {
    const input = this.#input;
    const count = sizeOf(this.#nodesOf, level) + sizeOf(this.#clustersOf, level) + sizeOf(this.#portsOf, level);
    const graph = {
      count,
      left: new Float64Array(count),
      right: new Float64Array(count),
      height: new Float64Array(count),
      kind: new Uint8Array(count),
      minor: new Uint8Array(count),
    };
    let v = 0;
    for (const node of listOf(this.#nodesOf, level)) {
      this.#localNode[node] = v;
      graph.left[v] = input.left[node];
      graph.right[v] = input.right[node];
      graph.height[v] = input.height[node];
      graph.minor[v] = input.minor[node];
      v++;
    }
    for (const cluster of listOf(this.#clustersOf, level)) {
      this.#localCluster[cluster] = v;
      graph.left[v] = this.#frameWidth[cluster] / 2;
      graph.right[v] = this.#frameWidth[cluster] / 2;
      graph.height[v] = this.#frameHeight[cluster];
      v++;
    }
    for (const port of listOf(this.#portsOf, level)) {
      this.#localPort[port] = v;
      const enters = this.#terminals.portEnters[port] === 1;
      graph.kind[v] = enters ? vertexKind.entry : vertexKind.exit;
      // Below an entry lies the title's band, which edges cross straight.
      graph.height[v] = enters ? spacing.frameTitle : 0;
      v++;
    }
    return { ...graph, ...this.#flatEdges(level) };
  }

  #flatEdges(level: number): FlatEdges {
    const { pieceFrom, pieceTo, pieceLight } = this.#terminals;
    const pieces = listOf(this.#piecesOf, level);
    const pins = new Map<number, number>();
    pieces.forEach((piece, i) => {
      this.#localPiece[piece] = i;
      if (!pins.has(pieceFrom[piece])) pins.set(pieceFrom[piece], pins.size);
    });
    return {
      from: Int32Array.from(pieces, (piece) => this.#vertexOf(pieceFrom[piece], level)),
      to: Int32Array.from(pieces, (piece) => this.#vertexOf(pieceTo[piece], level)),
      fromOffset: Float64Array.from(pieces, (piece) => this.#offsetOf(pieceFrom[piece], level)),
      toOffset: Float64Array.from(pieces, (piece) => this.#offsetOf(pieceTo[piece], level)),
      light: Uint8Array.from(pieces, (piece) => pieceLight[piece]),
      pin: Int32Array.from(pieces, (piece) => pins.get(pieceFrom[piece]) ?? 0),
      pinCount: pins.size,
    };
  }

  #vertexOf(terminal: number, level: number): number {
    const port = terminal - this.#localNode.length;
    if (port < 0) return this.#localNode[terminal];
    const cluster = this.#terminals.portCluster[port];
    return cluster + 1 === level ? this.#localPort[port] : this.#localCluster[cluster];
  }

  /** A port on a child's frame stands beside the child's anchor; everything else is met at its anchor. */
  #offsetOf(terminal: number, level: number): number {
    const port = terminal - this.#localNode.length;
    if (port < 0 || this.#terminals.portCluster[port] + 1 === level) return 0;
    return this.#portOffset[port];
  }

  #frame(cluster: number, result: FlatResult): void {
    const ports = listOf(this.#portsOf, cluster + 1);
    const hasEntry = ports.some((port) => this.#terminals.portEnters[port] === 1);
    const hasExit = ports.some((port) => this.#terminals.portEnters[port] === 0);
    const content = result.width + 2 * spacing.framePad;
    this.#frameWidth[cluster] = Math.max(content, this.#input.clusterTitle[cluster]);
    this.#frameHeight[cluster] = result.height + (hasEntry ? 0 : spacing.frameTitle) + (hasExit ? 0 : spacing.framePad);
    for (const port of ports) this.#portOffset[port] = result.x[this.#localPort[port]] - result.width / 2;
  }

  assemble(): LayoutResult {
    const input = this.#input;
    const clusters = input.clusterParent.length;
    const x = new Float64Array(input.height.length);
    const y = new Float64Array(input.height.length);
    const clusterX = new Float64Array(clusters);
    const clusterY = new Float64Array(clusters);
    // Where each level's own origin lies in the drawing; parents come before children.
    const originX = new Float64Array(clusters + 1);
    const originY = new Float64Array(clusters + 1);
    for (let level = 0; level <= clusters; level++) {
      if (level > 0) this.#placeFrame(level - 1, clusterX, clusterY, originX, originY);
      for (const node of listOf(this.#nodesOf, level)) {
        x[node] = originX[level] + this.#results[level].x[this.#localNode[node]];
        y[node] = originY[level] + this.#results[level].y[this.#localNode[node]];
      }
    }
    const { width, height } = this.#results[0];
    const routes = this.#joinPieces(originX, originY);
    const frames = { clusterX, clusterY, clusterWidth: this.#frameWidth, clusterHeight: this.#frameHeight };
    return { x, y, ...frames, ...routes, width, height };
  }

  #placeFrame(
    cluster: number,
    clusterX: Float64Array,
    clusterY: Float64Array,
    originX: Float64Array,
    originY: Float64Array,
  ): void {
    const parent = this.#input.clusterParent[cluster] + 1;
    const vertex = this.#localCluster[cluster];
    const level = cluster + 1;
    const ports = listOf(this.#portsOf, level);
    const hasEntry = ports.some((port) => this.#terminals.portEnters[port] === 1);
    const middle = originX[parent] + this.#results[parent].x[vertex];
    clusterX[cluster] = middle - this.#frameWidth[cluster] / 2;
    clusterY[cluster] = originY[parent] + this.#results[parent].y[vertex];
    originX[level] = middle - this.#results[level].width / 2;
    originY[level] = clusterY[cluster] + (hasEntry ? 0 : spacing.frameTitle);
  }

  #joinPieces(originX: Float64Array, originY: Float64Array): { pathStart: Int32Array; path: Float64Array } {
    const { pieceStart, piece, pieceLevel } = this.#terminals;
    const writer = new PathWriter();
    const pathStart = new Int32Array(this.#input.from.length + 1);
    for (let e = 0; e < this.#input.from.length; e++) {
      writer.begin();
      for (let k = pieceStart[e]; k < pieceStart[e + 1]; k++) {
        const level = pieceLevel[piece[k]] + 1;
        const result = this.#results[level];
        const local = this.#localPiece[piece[k]];
        for (let i = result.pathStart[local]; i < result.pathStart[local + 1]; i++) {
          writer.lineTo(originX[level] + result.path[2 * i], originY[level] + result.path[2 * i + 1]);
        }
      }
      pathStart[e + 1] = writer.pointCount;
    }
    return { pathStart, path: writer.toArray() };
  }
}

type FlatEdges = Pick<FlatGraph, "from" | "to" | "fromOffset" | "toOffset" | "light" | "pin" | "pinCount">;

function sizeOf(lists: Adjacency, key: number): number {
  return lists.start[key + 1] - lists.start[key];
}

function listOf(lists: Adjacency, key: number): Int32Array {
  return lists.item.subarray(lists.start[key], lists.start[key + 1]);
}
