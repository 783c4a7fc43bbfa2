import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Drawing, DrawingBox } from "../../engine/recording/layout/drawing.ts";
import { plainLook } from "../../engine/recording/paint/look.ts";
import { paintDrawing } from "../../engine/recording/paint/paintDrawing.ts";
import { everything } from "../../engine/recording/paint/scene.ts";
import type { GraphNode } from "../../engine/recording/queries/graphTypes.ts";
import { CanvasInk } from "../draw/canvasInk.ts";
import { useAtom } from "../ui/atom.ts";
import type { GraphPanel } from "./graphPanel.ts";

/** One sample of each symbol, with what it means. */
const samples: readonly { readonly node: Partial<GraphNode>; readonly means: string }[] = [
  { node: { role: "leaf" }, means: "leaf: made by you" },
  { node: { role: "parameter" }, means: "parameter" },
  { node: { role: "frozen", requiresGrad: false }, means: "frozen parameter" },
  { node: { role: "non-leaf" }, means: "non-leaf: computed" },
  { node: { role: "non-leaf", requiresGrad: false }, means: "no gradient asked for" },
  { node: { role: "non-leaf", isRoot: true }, means: "root of backward" },
  { node: { kind: "op", role: "op" }, means: "op" },
];

const rowHeight = 30;
const width = 196;
const height = (samples.length + 1) * rowHeight + 4;

/** The symbols of the graph, drawn by the same painter as the graph. */
export function SymbolKey({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const theme = useAtom(panel.theme);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const ink = new CanvasInk(context, panel.measure, 1);
    const drawing = sampleDrawing();
    const scene = { graph: sampleGraph, tree: { scopes: [], ofNode: new Int32Array(samples.length) }, drawing };
    paintDrawing(ink, scene, plainLook(theme.palette, null), everything(drawing));
    const color = theme.palette.foreground;
    const words = [...samples.map((sample) => sample.means), "gradient cut here"];
    words.forEach((word, i) => {
      ink.text(word, { x: 50, y: 4 + (i + 0.5) * rowHeight, font: "detail", color });
    });
  }, [theme, panel]);
  const words = samples.map((sample) => sample.means).join(", ");
  return (
    <canvas class="symbol-key" ref={canvas} role="img" aria-label={`Symbols: ${words}, gradient cut by scissors`} />
  );
}

const sampleGraph = {
  nodes: samples.map(
    ({ node }, id): GraphNode => ({
      id,
      event: 0,
      kind: "tensor",
      label: "",
      op: null,
      gradFn: null,
      shape: [],
      dtype: "float32",
      role: "leaf",
      requiresGrad: true,
      isRoot: false,
      group: -1,
      site: null,
      value: null,
      grad: null,
      valueText: null,
      gradText: null,
      gradStatus: "not-retained",
      gradReason: null,
      ...node,
    }),
  ),
  edges: [],
  groups: [],
  backward: [],
  alerts: [],
  truncated: false,
};

function sampleDrawing(): Drawing {
  const boxes = samples.map(({ node }, index): DrawingBox => {
    const isOp = node.kind === "op";
    const size = isOp ? { width: 30, height: 18 } : { width: 34, height: 22 };
    const x = 24 - size.width / 2;
    const y = 4 + (index + 0.5) * rowHeight - size.height / 2;
    return {
      index,
      node: index,
      scope: -1,
      kind: isOp ? "op" : "tensor",
      title: "",
      detail: "",
      stem: null,
      x,
      y,
      ...size,
    };
  });
  const y = 4 + samples.length * rowHeight;
  const cut = {
    from: 0,
    to: 0,
    edges: [],
    gradient: "cut" as const,
    cutBy: "detach",
    points: Float64Array.of(24, y, 24, y + 32),
  };
  return { boxes, frames: [], edges: [cut], boxOfNode: Int32Array.from(samples, (_, i) => i), width, height };
}
