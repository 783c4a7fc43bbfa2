import assert from "node:assert/strict";
import { graphToDot } from "../../../engine/recording/export/dot.ts";
import { graphToSvg } from "../../../engine/recording/export/svg.ts";
import { lightness, mixEvenly, over, parseColor } from "../../../engine/recording/paint/color.ts";
import { heatColor, heatOf, heatScale } from "../../../engine/recording/paint/heat.ts";
import { detailAt } from "../../../engine/recording/paint/look.ts";
import { darkPalette, lightPalette } from "../../../engine/recording/paint/palette.ts";
import type { Graph } from "../../../engine/recording/queries/graphTypes.ts";
import {
  chainRuleExample,
  detachedParts,
  hostileNames,
  longChain,
  mlp,
  nanPath,
  transformer,
} from "../graphs/examples.ts";
import { GraphBuilder, stats } from "../graphs/graphBuilder.ts";

describe("the scale of gradient sizes", () => {
  const graphWith = (sizes: readonly number[]): Graph => {
    const g = new GraphBuilder();
    for (const size of sizes) g.parameter("w", [4], { grad: stats([4], size) });
    return g.build();
  };

  it("has the run's median in its middle and three decades on either side", () => {
    const scale = heatScale(graphWith([0.001, 0.1, 50]));
    assert.ok(scale);
    assert.ok(Math.abs(scale.median - 0.1) < 1e-9);
    assert.equal(heatOf(scale, 0.1), 0);
    assert.ok(Math.abs(heatOf(scale, 100) - 1) < 1e-9);
    assert.ok(Math.abs(heatOf(scale, 0.0001) + 1) < 1e-9);
    assert.equal(heatOf(scale, 1e9), 1);
    assert.equal(heatOf(scale, 0), -1);
  });

  it("leaves NaN, infinities and zeros out of the median", () => {
    const scale = heatScale(graphWith([Number.NaN, Number.POSITIVE_INFINITY, 0, 2]));
    assert.equal(scale?.median, 2);
    assert.equal(heatScale(graphWith([0, Number.NaN])), null);
  });

  it("does not call a tensor hot for being large", () => {
    const g = new GraphBuilder();
    g.parameter("small", [2], { grad: stats([2], 0.1) });
    g.parameter("large", [2000], { grad: stats([2000], 0.1) });
    const scale = heatScale(g.build());
    assert.ok(scale);
    assert.ok(Math.abs(scale.median - 0.1) < 1e-9);
  });

  it("moves in even steps of lightness from the median to each end", () => {
    for (const palette of [lightPalette, darkPalette]) {
      for (const side of [-1, 1]) {
        const steps = [0, 0.25, 0.5, 0.75, 1].map((t) => lightness(heatColor(palette, side * t)));
        const jumps = steps.slice(1).map((value, i) => Math.abs(value - (steps[i] ?? 0)));
        assert.ok(Math.max(...jumps) - Math.min(...jumps) < 0.02, jumps.join(" "));
      }
    }
  });
});

describe("colours", () => {
  it("reads what a browser's computed styles are made of", () => {
    assert.deepEqual(parseColor("#f80"), { r: 1, g: 136 / 255, b: 0, a: 1 });
    assert.deepEqual(parseColor("rgb(255, 0, 51)"), { r: 1, g: 0, b: 0.2, a: 1 });
    assert.deepEqual(parseColor("rgba(0, 0, 0, 0.5)")?.a, 0.5);
    assert.deepEqual(parseColor("color(srgb 1 0.5 0 / 0.25)"), { r: 1, g: 0.5, b: 0, a: 0.25 });
    assert.equal(parseColor("papayawhip"), null);
  });

  it("lays one over another", () => {
    assert.equal(over("#000000", "#ffffff", 0.5), "rgb(128,128,128)");
    assert.equal(over("#000000", "rgba(255, 255, 255, 0.5)", 1), "rgb(128,128,128)");
  });

  it("mixes from one end to the other", () => {
    assert.equal(mixEvenly("#ff0000", "#0000ff", 0), "rgb(255,0,0)");
    assert.equal(mixEvenly("#ff0000", "#0000ff", 1), "rgb(0,0,255)");
  });
});

describe("the level of detail", () => {
  it("drops shapes, then names, then pills, then everything but frames, in this order", () => {
    const levels = [1, 0.6, 0.4, 0.15, 0.05].map((scale) => detailAt(scale, true));
    assert.deepEqual(levels, [0, 1, 2, 3, 4]);
  });

  it("keeps dots where there are no frames to be left alone", () => {
    assert.equal(detailAt(0.05, false), 3);
  });
});

describe("SVG", () => {
  it("draws a named tensor as a box with its value, an op as a pill with its symbol", () => {
    const svg = graphToSvg(chainRuleExample());
    for (const text of ["x", "= 3", "× 2", "+ 5", "^2", "y", "= 121"]) assert.ok(svg.includes(`>${text}</text>`), text);
  });

  it("tells leaf, parameter, frozen, non-leaf, root and no gradient apart by shape", () => {
    const svg = graphToSvg(detachedParts());
    const partOf = (name: string): string => svg.slice(svg.indexOf(`<title>${name}</title>`)).split("</g>")[0] ?? "";
    const rects = (name: string): number => partOf(name).match(/<rect/g)?.length ?? 0;
    // Border, two bars and the gradient's meter; border and meter; two borders and meter.
    assert.equal(rects("w1"), 5);
    assert.equal(rects("features"), 3);
    assert.equal(rects("loss"), 4);
    assert.match(partOf("weight"), /stroke-dasharray/);
    assert.doesNotMatch(partOf("w1"), /stroke-dasharray/);
    assert.match(partOf("features"), /rx="9"/);
    assert.doesNotMatch(partOf("w1").split("/>")[0] ?? "", /rx=/);
  });

  it("holds names as text only, cut and without direction marks", () => {
    const svg = graphToSvg(hostileNames());
    assert.doesNotMatch(svg, /<img|<script|<i>|<b>/);
    assert.ok(svg.includes("&lt;img src=x onerror=alert(1)&gt;"));
    assert.doesNotMatch(svg, /\u202E/);
    assert.ok(!svg.includes("n".repeat(40)));
  });

  it("is the same text for the same graph", () => {
    assert.equal(graphToSvg(mlp()), graphToSvg(mlp()));
  });

  it("says NaN in words", () => {
    assert.ok(graphToSvg(nanPath()).includes(">NaN</text>"));
  });

  it("folds equal blocks into one box with their number", () => {
    assert.ok(graphToSvg(transformer(12)).includes(">Block × 12</text>"));
  });

  it("draws a graph of no nodes", () => {
    assert.match(graphToSvg(new GraphBuilder().build()), /^<svg[\s\S]*<\/svg>\n$/);
  });
});

describe("DOT", () => {
  it("has every node and every edge of the graph, modules as clusters", () => {
    const graph = transformer(2);
    const dot = graphToDot(graph);
    assert.equal(dot.match(/^\s*n\d+ \[/gm)?.length, graph.nodes.length);
    assert.equal(dot.match(/n\d+ -> n\d+/g)?.length, graph.edges.length);
    assert.equal(dot.match(/subgraph cluster_/g)?.length, graph.groups.length);
    assert.equal(dot.match(/\{/g)?.length, dot.match(/\}/g)?.length);
  });

  it("marks cuts, roots and what has no gradient", () => {
    const dot = graphToDot(detachedParts());
    assert.match(dot, /taillabel="✂ detach"/);
    assert.match(dot, /peripheries="2"/);
    assert.match(dot, /style="dashed/);
  });

  it("lets no name end its string", () => {
    const dot = graphToDot(hostileNames());
    for (const line of dot.split("\n")) {
      const outside = line.replace(/"(?:[^"\\]|\\.)*"/g, "");
      assert.doesNotMatch(outside, /"|<|script/, line);
    }
  });

  it("is quick for large graphs", () => {
    const graph = longChain(5000);
    const start = performance.now();
    graphToDot(graph);
    assert.ok(performance.now() - start < 1000);
  });
});
