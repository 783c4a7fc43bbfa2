import { inProject } from "../../../scripts/project.ts";
import { measureWorkload } from "../engine.ts";
import { measureInChild } from "../support/child.ts";
import { expected } from "../support/spec.ts";
import { workloads } from "../support/workloads.ts";
import { findTorch, installPeers } from "./install.ts";

/** What a peer came to on a workload. */
export interface PeerRow {
  readonly median_ms?: number;
  readonly min_ms?: number;
  readonly iterations?: number;
  readonly check?: number;
  readonly version?: string;
  /** Why there are no numbers. */
  readonly error?: string;
}

/** One engine on one workload, beside ours. */
export interface Comparison {
  readonly name: string;
  readonly peer: string;
  readonly row: PeerRow;
  /** How many times our time it takes, by the fastest step of each; null where it cannot. */
  readonly ratio: number | null;
}

interface Peer {
  readonly name: string;
  readonly measure: (workload: string) => Promise<PeerRow>;
  /** Left out: it takes minutes, or computes something else. */
  readonly without?: readonly string[];
}

export const ours = "gradlens";
/** How often each is measured; `GRADLENS_BENCH_ROUNDS` says otherwise. */
const rounds = Number(process.env["GRADLENS_BENCH_ROUNDS"] ?? 2);
const limitMs = 100_000;

/** Measures ours and every peer that can be had here, in turns, so that all see the same machine. */
export async function comparePeers(
  names: readonly string[],
  tell: (comparison: Comparison) => void,
): Promise<Comparison[]> {
  const wanted = names.filter((name) => name in workloads);
  const peers = wanted.length === 0 ? [] : await allPeers();
  const all: Comparison[] = [];
  for (const workload of wanted) {
    const found = await compareOn(workload, [{ name: ours, measure: measureWorkload }, ...peers]);
    for (const comparison of found) tell(comparison);
    all.push(...found);
  }
  return all;
}

async function compareOn(workload: string, peers: readonly Peer[]): Promise<Comparison[]> {
  const best = new Map<string, PeerRow>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, measure, without } of peers) {
      const earlier = best.get(name);
      if (without?.includes(workload) || earlier?.error !== undefined || isSlow(earlier)) continue;
      const row = await measure(workload).catch((error: Error) => ({ error: error.message.slice(0, 120) }));
      best.set(name, earlier === undefined ? row : faster(earlier, row));
    }
  }
  const own = best.get(ours)?.min_ms;
  return [...best].map(([peer, row]) => {
    const ratio = own === undefined || row.min_ms === undefined ? null : row.min_ms / own;
    return { name: workload, peer, row: withVerdict(workload, row), ratio };
  });
}

/** Once is enough for what takes over half a second a step. */
function isSlow(row: PeerRow | undefined): boolean {
  return (row?.min_ms ?? 0) > 500;
}

function faster(a: PeerRow, b: PeerRow): PeerRow {
  if (a.min_ms === undefined || b.min_ms === undefined) return b.min_ms === undefined ? a : b;
  return { ...b, min_ms: Math.min(a.min_ms, b.min_ms), median_ms: Math.min(a.median_ms ?? 0, b.median_ms ?? 0) };
}

/** Peers sum in plain float32, so they may lie ten times as far away as ours. */
function withVerdict(workload: string, row: PeerRow): PeerRow {
  const wanted = expected[workload];
  if (wanted === undefined || row.check === undefined) return row;
  const isFar = Math.abs(row.check - wanted.check) > 10 * wanted.within * Math.abs(wanted.check);
  return isFar ? { ...row, error: `computes ${row.check} where ${wanted.check} is wanted` } : row;
}

async function allPeers(): Promise<Peer[]> {
  const folder = await installPeers();
  const inJavaScript = ([name, adapter, without]: readonly [string, string, readonly string[]]): Peer => ({
    name,
    without,
    measure: (workload) => {
      const program = inProject("test", "bench", "peers", "runPeer.mjs");
      return measureInChild(process.execPath, [program, folder, adapter, workload], {}, limitMs);
    },
  });
  return [...torchPeers(), ...packages.map(inJavaScript)];
}

/** What only PyTorch has. */
const torchOnly = ["W9", "W9_params", "jacobian", "hessian"];
const packages: readonly (readonly [name: string, adapter: string, without: readonly string[]])[] = [
  ["tfjs wasm", "tfjs:wasm", torchOnly],
  ["tfjs cpu", "tfjs:cpu", [...torchOnly, "W2", "W3_512", "W3_1024", "W5", "W6"]],
  ["jax-js wasm jit", "jax:wasm-jit", [...torchOnly, "W1", "W8"]],
  ["jax-js wasm", "jax:wasm", [...torchOnly, "W8"]],
  ["js-pytorch", "jspytorch", [...torchOnly, "W2", "W3_512", "W3_1024", "W5", "W6", "W7", "W8"]],
];

const torchName = (threads: number): string => `PyTorch, ${threads} thread${threads === 1 ? "" : "s"}`;

/** Everybody who may be compared, in the order of a table. */
export const peerNames: readonly string[] = [...[1, 2].map(torchName), ...packages.map(([name]) => name)];

function torchPeers(): Peer[] {
  const python = findTorch();
  if (python === null) return [];
  return [1, 2].map((threads) => ({
    name: torchName(threads),
    measure: (workload) => {
      const program = inProject("test", "bench", "peers", "torchPeer.py");
      return measureInChild(python, [program, `${threads}`, workload], {}, limitMs);
    },
  }));
}
