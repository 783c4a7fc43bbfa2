import assert from "node:assert/strict";
import { firstFolds } from "../../../engine/recording/layout/folds.ts";
import { buildScopes, type ScopeTree } from "../../../engine/recording/layout/scopes.ts";
import { countVisible, visibleGraph } from "../../../engine/recording/layout/visibleGraph.ts";
import type { Graph } from "../../../engine/recording/queries/graphTypes.ts";
import { cnn, longChain, mlp, transformer } from "../graphs/examples.ts";
import { GraphBuilder } from "../graphs/graphBuilder.ts";

describe("modules as frames", () => {
  it("makes one frame for each module, inside its parent's", () => {
    const { scopes } = buildScopes(transformer(2));
    const head = scopes.find((scope) => scope.title === "head");
    const attention = scopes.find((scope) => scope.title === "attn");
    assert.equal(head?.parent, -1);
    assert.equal(scopes[attention?.parent ?? -1]?.title, "h.0");
    for (const scope of scopes) assert.ok(scope.parent < scope.id);
  });

  it("gathers equal blocks in a row into one run", () => {
    const { scopes } = buildScopes(transformer(12));
    const run = scopes.find((scope) => scope.repeats > 1);
    assert.deepEqual([run?.title, run?.type, run?.repeats], ["h.0–11", "Block", 12]);
    assert.equal(scopes.filter((scope) => scope.parent === run?.id).length, 12);
  });

  it("leaves two equal blocks as they are", () => {
    assert.ok(buildScopes(transformer(2)).scopes.every((scope) => scope.repeats === 1));
  });

  it("does not gather blocks that do different things", () => {
    const g = new GraphBuilder();
    let h = g.tensor("x", [2]);
    for (const op of ["relu", "relu", "tanh", "relu"]) h = g.module(`m${op}`, "Block", () => g.op(op, [h], [2]));
    assert.ok(buildScopes(g.build()).scopes.every((scope) => scope.repeats === 1));
  });

  it("does not gather blocks with other work between them: one box would stand before and after it", () => {
    const g = new GraphBuilder();
    let h = g.tensor("x", [2]);
    for (let i = 0; i < 4; i++) {
      h = g.module(`layer.${i}`, "Linear", () => g.op("matmul", [h], [2]));
      h = g.op("relu", [h], [2]);
    }
    assert.ok(buildScopes(g.build()).scopes.every((scope) => scope.repeats === 1));
  });

  it("shows a module that is called again after other work once for each call", () => {
    const graph = calledTwice();
    const tree = buildScopes(graph);
    assert.deepEqual(
      tree.scopes.map((scope) => scope.title),
      ["cell (call 1)", "cell (call 2)"],
    );
    assertAcyclicWhenFolded(graph, tree);
  });

  it("gathers the calls of one module into a run, whose title is the module's name", () => {
    const g = new GraphBuilder();
    let h = g.tensor("h", [4]);
    const weight = g.module("cell", "RNNCell", () => g.parameter("weight", [4, 4]));
    const [cell = 0] = g.build().groups.map((group) => group.id);
    for (let step = 0; step < 5; step++) {
      const product = g.op("matmul", [h, weight], [4], { group: cell });
      h = g.op("tanh", [product], [4], { group: cell });
      h = g.named(`h${step}`, h);
    }
    const tree = buildScopes(g.build());
    assertAcyclicWhenFolded(g.build(), tree);
    assert.ok(tree.scopes.length >= 5);
  });

  it("keeps every graph acyclic whatever is folded", () => {
    for (const graph of [mlp(), cnn(), transformer(4), calledTwice(), crossedStreams()]) {
      assertAcyclicWhenFolded(graph, buildScopes(graph));
    }
  });

  it("keeps the keys of frames from one recording of a program to the next", () => {
    const keys = (graph: Graph): string[] => buildScopes(graph).scopes.map((scope) => scope.key);
    assert.deepEqual(keys(transformer(12)), keys(transformer(12)));
    assert.equal(new Set(keys(transformer(12))).size, keys(transformer(12)).length);
  });

  it("finds no frames in a graph without modules", () => {
    assert.deepEqual(buildScopes(longChain(50)).scopes, []);
  });
});

describe("folding", () => {
  const graph = transformer(12);
  const tree = buildScopes(graph);

  it("opens a graph with equal blocks folded and few enough boxes to read", () => {
    const folds = firstFolds(graph, tree);
    assert.ok(countVisible(graph, tree, folds) <= 160);
    assert.ok(folds.has(tree.scopes.find((scope) => scope.repeats > 1)?.key ?? ""));
  });

  it("opens a small graph with every module open", () => {
    const small = mlp();
    const open = visibleGraph(small, buildScopes(small), firstFolds(small, buildScopes(small)));
    assert.equal(open.boxes.length, small.nodes.length);
    assert.equal(open.frames.length, 3);
  });

  it("counts what it would show", () => {
    for (const folds of [new Set<string>(), firstFolds(graph, tree), new Set(tree.scopes.map((scope) => scope.key))]) {
      assert.equal(countVisible(graph, tree, folds), visibleGraph(graph, tree, folds).boxes.length);
    }
  });

  it("makes one box of a folded module and one edge of all edges to the same neighbour", () => {
    const all = new Set(tree.scopes.map((scope) => scope.key));
    const { boxes, edges } = visibleGraph(graph, tree, all);
    const pairs = edges.map(({ from, to }) => `${from} ${to}`);
    assert.equal(new Set(pairs).size, pairs.length);
    assert.ok(boxes.length < 12);
  });

  it("stands for every edge of the graph that leaves its box, once", () => {
    const folds = firstFolds(graph, tree);
    const { edges, boxOfNode } = visibleGraph(graph, tree, folds);
    const shown = edges.flatMap((edge) => edge.edges).sort((a, b) => a - b);
    const crossing = graph.edges.flatMap(({ from, to }, e) => (boxOfNode[from] === boxOfNode[to] ? [] : [e]));
    assert.deepEqual(shown, crossing);
  });

  it("lets a bundle flow when any of its edges does", () => {
    const g = new GraphBuilder();
    const x = g.constant("x", [2]);
    const w = g.tensor("w", [2]);
    const inside = g.module("m", "M", () => [g.op("a", [x], [2]), g.op("b", [w], [2])]);
    g.module("n", "N", () => g.op("+", inside, [2]));
    const tree2 = buildScopes(g.build());
    const folded = visibleGraph(g.build(), tree2, new Set(tree2.scopes.map((scope) => scope.key)));
    const between = folded.edges.find((edge) => edge.edges.length === 2);
    assert.equal(between?.gradient, "flows");
  });
});

/** `cell(relu(cell(x)))`: relu stands outside, between the two calls. */
function calledTwice(): Graph {
  const g = new GraphBuilder();
  const x = g.tensor("x", [2]);
  let cell = -1;
  const first = g.module("cell", "Cell", () => g.op("matmul", [x], [2]));
  cell = g.build().groups.length - 1;
  const between = g.op("relu", [first], [2]);
  g.op("matmul", [between], [2], { group: cell });
  return g.build();
}

/** Two streams through the same two modules in opposite order. */
function crossedStreams(): Graph {
  const g = new GraphBuilder();
  const x = g.tensor("x", [2]);
  const y = g.tensor("y", [2]);
  const a1 = g.module("a", "A", () => g.op("f", [x], [2]));
  const b1 = g.module("b", "B", () => g.op("g", [y], [2]));
  g.op("g", [a1], [2], { group: 1 });
  g.op("f", [b1], [2], { group: 0 });
  return g.build();
}

/** No box of a folded graph may be its own ancestor, for folds of every depth. */
function assertAcyclicWhenFolded(graph: Graph, tree: ScopeTree): void {
  const depths = new Set(tree.scopes.map((scope) => scope.depth));
  for (const depth of depths) {
    const folds = new Set(tree.scopes.filter((scope) => scope.depth >= depth).map((scope) => scope.key));
    const { boxes, edges } = visibleGraph(graph, tree, folds);
    const waiting = boxes.map((_, b) => edges.filter((edge) => edge.to === b).length);
    const ready = boxes.flatMap((_, b) => (waiting[b] === 0 ? [b] : []));
    let done = 0;
    for (let b = ready.pop(); b !== undefined; b = ready.pop()) {
      done++;
      for (const { from, to } of edges) {
        if (from !== b) continue;
        waiting[to] = (waiting[to] ?? 0) - 1;
        if (waiting[to] === 0) ready.push(to);
      }
    }
    assert.equal(done, boxes.length, `folding at depth ${depth} made a cycle`);
  }
}
