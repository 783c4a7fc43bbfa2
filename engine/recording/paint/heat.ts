import type { Graph, GraphNode, GraphStats } from "../queries/graphTypes.ts";
import { mixEvenly } from "./color.ts";
import type { Palette } from "./palette.ts";

/** Decades on either side of the median until a gradient counts as vanishing or exploding. */
export const heatDecades = 3;

/** One scale for gradient sizes over all views of a run: logarithmic and relative to the run's median. */
export interface HeatScale {
  readonly median: number;
}

/** The scale of a graph; null when no tensor has a finite gradient other than zero. */
export function heatScale(graph: Graph): HeatScale | null {
  const norms = graph.nodes
    .map((node) => gradientSize(node.grad))
    .filter((size) => Number.isFinite(size) && size > 0)
    .sort((a, b) => a - b);
  const middle = norms.length >> 1;
  if (norms.length === 0) return null;
  return { median: norms.length % 2 === 1 ? norms[middle] : Math.sqrt(norms[middle - 1] * norms[middle]) };
}

/** Root mean square, so that a large tensor is not hot for being large. */
export function gradientSize(stats: GraphStats | null): number {
  if (!stats) return Number.NaN;
  return stats.norm / Math.sqrt(Math.max(1, stats.numel));
}

/** −1 at vanishing, 0 at the median, 1 at exploding; NaN where there is no size to show. */
export function heatOf(scale: HeatScale, size: number): number {
  if (Number.isNaN(size)) return Number.NaN;
  if (size === 0) return -1;
  return Math.max(-1, Math.min(1, Math.log10(size / scale.median) / heatDecades));
}

/** The heat of a node of the graph; NaN when it has none. */
export function nodeHeat(scale: HeatScale | null, node: GraphNode | undefined): number {
  if (!scale || !node || node.gradStatus === "nonfinite") return Number.NaN;
  return heatOf(scale, gradientSize(node.grad));
}

/** The colour for a heat: even steps to the eye from vanishing over the median to exploding. */
export function heatColor(palette: Palette, heat: number): string {
  const end = heat < 0 ? palette.vanishing : palette.exploding;
  return mixEvenly(palette.median, end, Math.min(1, Math.abs(heat)));
}
