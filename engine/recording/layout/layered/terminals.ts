import { groupByKey, IntList } from "./adjacency.ts";
import type { LayoutInput } from "./types.ts";

/**
 * How nested edges are cut at the frames they cross. A terminal is a node (its index) or a port (node count + port index): the
 * place where one tensor crosses one frame. All edges that carry the same tensor across a frame share the port, and so the line.
 */
export interface Terminals {
  readonly portCluster: Int32Array;
  /** 1 for a port through which the edge enters the frame. */
  readonly portEnters: Uint8Array;
  /** Edge `e` runs over the pieces `piece[pieceStart[e]]` to `piece[pieceStart[e + 1]]`, not included. */
  readonly pieceStart: Int32Array;
  readonly piece: Int32Array;
  /** A piece lies inside one level and joins two terminals. */
  readonly pieceFrom: Int32Array;
  readonly pieceTo: Int32Array;
  /** 1 when every edge that runs over the piece is light. */
  readonly pieceLight: Uint8Array;
  /** The cluster a piece lies in directly, or -1. */
  readonly pieceLevel: Int32Array;
}

/** Cuts every edge at the frames between its ends. */
export function cutAtFrames(input: LayoutInput): Terminals {
  const ports = new PortTable(input);
  const { stopStart, stops } = stopsOfEdges(input, ports);
  return { ...ports.toArrays(), ...pieces(input, ports, stopStart, stops) };
}

class PortTable {
  readonly cluster = new IntList();
  readonly #enters = new IntList();
  readonly #known = new Map<number, number>();
  readonly #nodes: number;

  constructor(input: LayoutInput) {
    this.#nodes = input.height.length;
  }

  /** The terminal where tensor `source` crosses the frame of `cluster`. */
  terminal(cluster: number, source: number, enters: boolean): number {
    const key = cluster * this.#nodes + source;
    let port = this.#known.get(key);
    if (port === undefined) {
      port = this.cluster.length;
      this.#known.set(key, port);
      this.cluster.push(cluster);
      this.#enters.push(enters ? 1 : 0);
    }
    return this.#nodes + port;
  }

  toArrays(): { portCluster: Int32Array; portEnters: Uint8Array } {
    return { portCluster: this.cluster.toArray(), portEnters: Uint8Array.from(this.#enters.toArray()) };
  }
}

function stopsOfEdges(input: LayoutInput, ports: PortTable): { stopStart: Int32Array; stops: Int32Array } {
  const depth = clusterDepths(input.clusterParent);
  const stops = new IntList();
  const stopStart = new Int32Array(input.from.length + 1);
  const entries: number[] = [];
  for (let e = 0; e < input.from.length; e++) {
    const source = input.from[e];
    let leaving = input.cluster[source];
    let entering = input.cluster[input.to[e]];
    entries.length = 0;
    stops.push(source);
    while (leaving !== entering) {
      if (entering < 0 || (leaving >= 0 && depth[leaving] >= depth[entering])) {
        stops.push(ports.terminal(leaving, source, false));
        leaving = input.clusterParent[leaving];
      } else {
        entries.push(ports.terminal(entering, source, true));
        entering = input.clusterParent[entering];
      }
    }
    for (let i = entries.length - 1; i >= 0; i--) stops.push(entries[i]);
    stops.push(input.to[e]);
    stopStart[e + 1] = stops.length;
  }
  return { stopStart, stops: stops.toArray() };
}

function clusterDepths(parent: Int32Array): Int32Array {
  const depth = new Int32Array(parent.length);
  for (let c = 0; c < parent.length; c++) depth[c] = parent[c] < 0 ? 0 : depth[parent[c]] + 1;
  return depth;
}

function pieces(input: LayoutInput, ports: PortTable, stopStart: Int32Array, stops: Int32Array) {
  const nodes = input.height.length;
  const { portCluster, portEnters } = ports.toArrays();
  const terminals = nodes + portCluster.length;
  const known = new Map<number, number>();
  const pieceStart = new Int32Array(input.from.length + 1);
  const piece = new IntList();
  const pieceFrom = new IntList();
  const pieceTo = new IntList();
  const pieceLevel = new IntList();
  const light: number[] = [];
  const levelOf = (terminal: number): number => {
    if (terminal < nodes) return input.cluster[terminal];
    const cluster = portCluster[terminal - nodes];
    return portEnters[terminal - nodes] === 1 ? cluster : input.clusterParent[cluster];
  };

  for (let e = 0; e < input.from.length; e++) {
    for (let i = stopStart[e]; i + 1 < stopStart[e + 1]; i++) {
      const key = stops[i] * terminals + stops[i + 1];
      let id = known.get(key);
      if (id === undefined) {
        id = pieceFrom.length;
        known.set(key, id);
        pieceFrom.push(stops[i]);
        pieceTo.push(stops[i + 1]);
        pieceLevel.push(levelOf(stops[i]));
        light.push(1);
      }
      if (input.light[e] === 0) light[id] = 0;
      piece.push(id);
    }
    pieceStart[e + 1] = piece.length;
  }
  return {
    pieceStart,
    piece: piece.toArray(),
    pieceFrom: pieceFrom.toArray(),
    pieceTo: pieceTo.toArray(),
    pieceLevel: pieceLevel.toArray(),
    pieceLight: Uint8Array.from(light),
  };
}

/** Lists the members of every level; index 0 is the top level, index c + 1 cluster c. */
export function byLevel(level: Int32Array, clusters: number): ReturnType<typeof groupByKey> {
  return groupByKey(
    clusters + 1,
    level.map((cluster) => cluster + 1),
  );
}
