import { displayName, shapeText } from "../layout/text.ts";
import type { Graph, GraphEdge, GraphNode } from "../queries/graphTypes.ts";

/** Writes a graph in Graphviz's language: every node, modules as clusters, the same shapes and borders as in the panel. */
export function graphToDot(graph: Graph): string {
  const lines = [
    "digraph gradlens {",
    "  rankdir=TB;",
    '  node [fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=9, color="#6e7781"];',
    ...clusterLines(graph),
    ...graph.edges.map((edge) => `  n${edge.from} -> n${edge.to}${attributes(edgeAttributes(graph, edge))};`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** Nodes inside the clusters of their modules; parents stand before their children, so children are closed first. */
function clusterLines(graph: Graph): string[] {
  const body: string[][] = graph.groups.map(() => []);
  const top: string[] = [];
  for (const node of graph.nodes) (body[node.group] ?? top).push(`n${node.id}${attributes(nodeAttributes(node))};`);
  for (let g = graph.groups.length - 1; g >= 0; g--) {
    const { name, type, parent } = graph.groups[g];
    const label = quote(`${displayName(name, 60)} ${displayName(type, 60)}`);
    const lines = [`subgraph cluster_${g} {`, `  label=${label}; color="#d0d7de";`, ...body[g].map(indent), "}"];
    if (body[g].length > 0) (parent < g ? (body[parent] ?? top) : top).push(...lines);
  }
  return top.map(indent);
}

function nodeAttributes(node: GraphNode): Record<string, string> {
  const name = displayName(node.label, 60);
  const styles = [];
  if (!node.requiresGrad) styles.push("dashed");
  if (node.kind === "op" || node.role === "non-leaf") styles.push("rounded");
  const bars =
    node.role === "parameter" || node.role === "frozen"
      ? "‖ "
      : node.role === "op" || node.role === "non-leaf"
        ? ""
        : "| ";
  const frozen = node.role === "frozen" ? " (frozen)" : "";
  return {
    label: node.kind === "op" ? name : `${bars}${name}${frozen}\n${shapeText(node.shape)}`,
    shape: node.kind === "op" ? "box" : "rect",
    ...(styles.length > 0 ? { style: styles.join(",") } : {}),
    ...(node.isRoot ? { peripheries: "2" } : {}),
    tooltip: tooltip(node),
  };
}

function tooltip(node: GraphNode): string {
  const place = node.site ? `${displayName(node.site.file, 120)}:${node.site.line}` : "";
  return [node.gradFn ?? node.role, shapeText(node.shape), node.dtype, `gradient: ${node.gradStatus}`, place]
    .filter((part) => part !== "")
    .join(", ");
}

function edgeAttributes(graph: Graph, edge: GraphEdge): Record<string, string> {
  const target = graph.nodes[edge.to];
  const label = target?.kind === "op" && graph.nodes[edge.from]?.kind === "op" ? { label: shapeText(edge.shape) } : {};
  if (edge.gradient === "flows") return label;
  if (edge.gradient === "none") return { ...label, color: "#b4bcc5" };
  return { ...label, style: "dashed", color: "#9a6700", taillabel: `✂ ${edge.cutBy ?? "cut"}` };
}

function attributes(values: Record<string, string>): string {
  const parts = Object.entries(values).map(([key, value]) => `${key}=${quote(value)}`);
  return parts.length === 0 ? "" : ` [${parts.join(", ")}]`;
}

/** A quoted string may hold anything but a bare quote; a backslash would start an escape of Graphviz's own. */
function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function indent(line: string): string {
  return `  ${line}`;
}
