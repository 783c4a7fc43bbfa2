import assert from "node:assert/strict";
import { estimateWidth } from "../../../engine/recording/export/svg.ts";
import { drawGraph } from "../../../engine/recording/layout/drawing.ts";
import type { Folds } from "../../../engine/recording/layout/visibleGraph.ts";
import type { Graph } from "../../../engine/recording/queries/graphTypes.ts";
import {
  boxOfSelection,
  type Drawn,
  hit,
  indexDrawing,
  inSight,
  selectionOfBox,
} from "../../../webview/graph/drawn.ts";
import { buildModel, type GraphModel } from "../../../webview/graph/graphModel.ts";
import { emphasize } from "../../../webview/graph/lookOf.ts";
import * as views from "../../../webview/graph/model.ts";
import { findNodes } from "../../../webview/graph/search.ts";
import { readingOrder, step, walk } from "../../../webview/graph/walk.ts";
import { describeBox } from "../../../webview/graph/words.ts";
import { chainRuleExample, detachedParts, mlp, nanPath, transformer } from "../graphs/examples.ts";

function draw(model: GraphModel, folds: Folds = new Set()): Drawn {
  return indexDrawing(model, drawGraph(model.graph, model.tree, folds, estimateWidth));
}

function named(graph: Graph, label: string): number {
  return graph.nodes.findIndex((node) => node.label === label);
}

describe("the view of a graph", () => {
  const model = buildModel(transformer(12));
  const first = views.firstViewOf(model);

  it("folds and unfolds a module", () => {
    const [key = ""] = first.folds;
    assert.ok(!views.toggleFold(first, key).folds.has(key));
    assert.ok(views.toggleFold(views.toggleFold(first, key), key).folds.has(key));
  });

  it("opens every module around a node that is to be shown", () => {
    const deep = findNodes(model, "h.5 softmax")[0] ?? -1;
    const view = views.showNode(first, model, deep);
    const drawn = draw(model, view.folds);
    assert.equal(drawn.drawing.boxes[boxOfSelection(drawn, view.selected)]?.node, deep);
  });

  it("goes through the matches of a search and around the end", () => {
    const searched = views.search(first, model, "softmax");
    assert.equal(searched.matches.length, 12);
    assert.equal(searched.match, -1);
    const last = views.stepMatch(searched, model, -1);
    assert.equal(last.match, 11);
    assert.equal(views.stepMatch(last, model, 1).match, 0);
  });

  it("finds nodes by name, op, module and shape, all words of the query at once", () => {
    assert.equal(findNodes(model, "ln_f weight").length, 1);
    assert.equal(findNodes(model, "LAYERNORM bias").length, 0);
    assert.ok(findNodes(model, "[50257, 768]").length > 0);
    assert.deepEqual(findNodes(model, "   "), []);
    assert.deepEqual(findNodes(model, "no such thing"), []);
  });

  it("highlights the nodes of the line the cursor is in, and none in another file", () => {
    const { site, id } = model.graph.nodes[20] ?? assert.fail();
    assert.ok(site);
    assert.deepEqual(views.moveCursor(first, model, site.file, site.line).atCursor, [id]);
    assert.deepEqual(views.moveCursor(first, model, "/other.ts", site.line).atCursor, []);
  });

  it("keeps its folds for a newer run of the same program and starts anew for another", () => {
    const opened = views.unfoldAll(first);
    assert.equal(views.carriedOver(opened, buildModel(transformer(12))).folds.size, 0);
    const other = buildModel(mlp());
    assert.deepEqual(views.carriedOver(first, other).folds, views.firstViewOf(other).folds);
  });

  it("keeps what is selected for a newer run of the same program, and nothing else that has its number", () => {
    const selected = views.selectNode(first, 20);
    assert.deepEqual(views.carriedOver(selected, buildModel(transformer(12)), model).selected, selected.selected);
    assert.equal(views.carriedOver(selected, buildModel(mlp()), model).selected, null);
  });

  it("shows the path of an error at once, and of other alerts one after the other", () => {
    const bad = buildModel(nanPath());
    const view = views.firstViewOf(bad);
    assert.equal(view.alert, 0);
    assert.equal(views.nextAlert(view, bad).alert, -1);
    const emphasis = emphasize(draw(bad), view, estimateWidth);
    assert.equal(emphasis.badOrigin, "NaN starts here");
    assert.equal(emphasis.badBoxes.length, 4);
    assert.equal(emphasis.badEdges.length, 3);
  });
});

describe("playing backward", () => {
  const model = buildModel(chainRuleExample());
  const drawn = draw(model);
  const start = views.play(views.firstViewOf(model), model);

  it("turns the graph backward and stops at the last step", () => {
    assert.equal(start.direction, "backward");
    const end = views.goToStep(start, model, 99);
    assert.equal(end.step, 4);
    assert.equal(end.isPlaying, false);
    assert.equal(views.goToStep(start, model, -1).step, 0);
  });

  it("starts again from the beginning after the end", () => {
    assert.equal(views.play(views.goToStep(start, model, 4), model).step, 0);
  });

  it("lights the node at work and writes the gradient on each edge it crossed", () => {
    const emphasis = emphasize(drawn, views.goToStep(start, model, 2), estimateWidth);
    assert.equal(drawn.drawing.boxes[emphasis.atWork]?.title, "+ 5");
    const chips = emphasis.chips.map((chip) => [chip.text, chip.isNew]);
    assert.deepEqual(chips.sort(), [
      ["1", false],
      ["22", false],
      ["22", true],
    ]);
  });

  it("puts no chip on a box or on another chip", () => {
    const { chips } = emphasize(drawn, views.goToStep(start, model, 4), estimateWidth);
    assert.equal(chips.length, 4);
    for (const [i, chip] of chips.entries()) {
      for (const other of [...drawn.drawing.boxes, ...chips.slice(i + 1)]) {
        const apart =
          chip.x >= other.x + other.width ||
          other.x >= chip.x + chip.width ||
          chip.y >= other.y + other.height ||
          other.y >= chip.y + chip.height;
        assert.ok(apart);
      }
    }
  });

  it("shows nothing of it any more once it is closed", () => {
    const emphasis = emphasize(drawn, views.closePlayback(views.goToStep(start, model, 3)), estimateWidth);
    assert.deepEqual([emphasis.atWork, emphasis.chips, emphasis.chain], [-1, [], []]);
  });
});

describe("walking with the keyboard", () => {
  const model = buildModel(mlp());
  const { drawing } = draw(model);
  const boxOf = (node: number): number => drawing.boxOfNode[node] ?? -1;
  const titleOf = (box: number): string | undefined => drawing.boxes[box]?.title;

  it("goes down an edge to the consumer and up to the nearest producer", () => {
    const x = boxOf(named(model.graph, "x"));
    const matmul = walk(drawing, x, "down");
    assert.equal(titleOf(matmul), "matmul");
    assert.equal(walk(drawing, matmul, "up"), x);
    assert.equal(walk(drawing, x, "up"), -1);
  });

  it("goes sideways to the neighbour in the same row", () => {
    const logits = boxOf(named(model.graph, "logits"));
    const target = walk(drawing, logits, "right");
    assert.equal(titleOf(target), "target");
    assert.equal(walk(drawing, target, "left"), logits);
  });

  it("comes to every box once in reading order, and ends", () => {
    const order = readingOrder(drawing);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      drawing.boxes.map((box) => box.index),
    );
    assert.equal(step(order, -1, 1), order[0]);
    assert.equal(step(order, order.at(-1) ?? -1, 1), -1);
    assert.equal(titleOf(order[0] ?? -1), "x");
  });
});

describe("finding things in a drawing", () => {
  const model = buildModel(mlp());
  const drawn = draw(model);

  it("hits the box under the pointer, the title of the frame around it, or nothing", () => {
    const box = drawn.drawing.boxes[named(model.graph, "relu")] ?? assert.fail();
    assert.deepEqual(hit(drawn, { x: box.x + 3, y: box.y + 10 }, 26), { kind: "box", box: box.index });
    const frame = drawn.drawing.frames[0] ?? assert.fail();
    assert.equal(hit(drawn, { x: frame.x + 20, y: frame.y + 10 }, 26).kind, "title");
    assert.equal(hit(drawn, { x: -500, y: -500 }, 26).kind, "nothing");
  });

  it("paints only what is in sight", () => {
    const { boxes, frames } = inSight(drawn, { x: 0, y: 0, width: 400, height: 60 });
    assert.ok(boxes.length < drawn.drawing.boxes.length);
    assert.ok(frames.length < drawn.drawing.frames.length);
  });

  it("selects a folded module by its key", () => {
    const folds = new Set(model.tree.scopes.map((scope) => scope.key));
    const folded = draw(model, folds);
    const group = folded.drawing.boxes.find((box) => box.kind === "group") ?? assert.fail();
    const selection = selectionOfBox(folded, group.index);
    assert.equal(selection?.kind, "scope");
    assert.equal(boxOfSelection(folded, selection), group.index);
  });
});

describe("what a screen reader says", () => {
  it("tells name, kind, shape, gradient and place of a tensor", () => {
    const model = buildModel(detachedParts());
    const drawn = draw(model);
    const say = (label: string): string =>
      describeBox(
        model,
        drawn.drawing.boxes[drawn.drawing.boxOfNode[named(model.graph, label)] ?? -1] ?? assert.fail(),
      );
    assert.match(
      say("w2"),
      /^w2, parameter \(leaf\); shape \[4, 1\]; gradient ∅ none; 0 inputs, 1 output; model\.ts:\d+$/,
    );
    assert.match(say("detach"), /gradient cut here by detach/);
    assert.match(say("loss"), /root of backward; shape \[\]; value 0\.7312/);
  });
});

describe("a graph that follows a debugger", () => {
  const example = chainRuleExample();
  // Events in the order of the nodes, then those of backward.
  const nodes = example.nodes.map((node, i) => ({ ...node, event: node.kind === "op" ? i + 1 : 0 }));
  const backward = example.backward.map((step, i) => ({ ...step, event: 100 + i }));
  const model = buildModel({ ...example, nodes, backward });
  const first = views.firstViewOf(model);
  const ops = nodes.filter(({ kind }) => kind === "op");

  it("stands at the op that ran last, and tells what is to come", () => {
    const view = views.followFrame(first, model, ops[0]?.event ?? 0);
    assert.equal(views.nodeOfFrame(model, view), ops[0]?.id);
    assert.deepEqual(
      views.nodesToCome(model, view),
      ops.slice(1).map(({ id }) => id),
    );
    assert.equal(view.direction, "forward");
  });

  it("stands in backward at the step that ran last", () => {
    const view = views.followFrame(first, model, 101);
    assert.equal(view.step, 2);
    assert.ok(view.showsPlayback);
    assert.equal(views.nodeOfFrame(model, view), backward[1]?.node);
    assert.deepEqual(
      views.nodesToCome(model, view),
      backward.slice(2).map(({ node }) => node),
    );
  });

  it("goes back from backward to forward", () => {
    const view = views.followFrame(views.followFrame(first, model, 101), model, ops[1]?.event ?? 0);
    assert.equal(view.direction, "forward");
    assert.ok(!view.showsPlayback);
    assert.equal(views.nodeOfFrame(model, view), ops[1]?.id);
  });

  it("keeps its place when a longer recording comes", () => {
    const stopped = views.followFrame(first, buildModel({ ...example, nodes, backward: backward.slice(0, 1) }), 100);
    assert.equal(views.carriedOver({ ...stopped, frame: 102 }, model).step, 3);
  });

  it("is as always when the debugger has ended", () => {
    const view = views.followFrame(views.followFrame(first, model, 101), model, null);
    assert.deepEqual(views.nodesToCome(model, view), []);
    assert.equal(views.nodeOfFrame(model, view), -1);
    assert.ok(!view.showsPlayback);
  });
});
