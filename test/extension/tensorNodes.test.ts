import assert from "node:assert/strict";
import { tensor } from "../../engine/index.ts";
import { tensorTree } from "../../engine/recording/queries/tensorTree.ts";
import { type TensorNode, TensorTree } from "../../extension/trees/tensorNodes.ts";
import { goodResult } from "./recordings.ts";

const titleOf = (node: TensorNode): string => (node.kind === "group" ? node.group.kind : node.kind);

describe("the tree of tensors", () => {
  const result = goodResult((named) => {
    const x = named(1, "x", () => tensor([-1, 2], { requiresGrad: true }));
    const c = named(2, "c", () => tensor([1, 1]));
    const y = named(3, "y", () => x.mul(c).log());
    named(4, "loss", () => y.sum()).backward();
  });
  const tree = new TensorTree(result, result);

  it("has the alerts first, then groups that are not empty", () => {
    assert.deepEqual(tree.roots.map(titleOf), ["alerts", "leaves", "nonLeaves", "constants"]);
  });

  it("has each tensor in one group", () => {
    const names = tree.roots.map((root) =>
      tree.childrenOf(root).flatMap((node) => (node.kind === "tensor" ? [node.tensor.name] : [])),
    );
    assert.deepEqual(names, [[], ["x"], ["y", "loss"], ["c"]]);
  });

  it("knows the way from a tensor up, so that it can be revealed", () => {
    const [x] = result.tensors;
    const node = x && tree.nodeOf(x.id);
    assert.ok(node);
    const parent = tree.parentOf(node);
    assert.equal(parent && titleOf(parent), "leaves");
    assert.ok(parent && tree.roots.includes(parent));
  });

  it("divides many parameters by the module that owns them", () => {
    const [one] = result.tensors;
    assert.ok(one);
    const parameters = Array.from({ length: 20 }, (_, i) => {
      const module = `net.${i >> 1}.${i % 2 === 0 ? "weight" : "bias"}`;
      return { ...one, id: i, module, isParameter: true };
    });
    const [group] = tensorTree(parameters);
    assert.deepEqual(group?.modules.map(({ path, tensors }) => [path, tensors.length]).slice(0, 2), [
      ["net.0", 2],
      ["net.1", 2],
    ]);
    const [small] = tensorTree(parameters.slice(0, 4));
    assert.deepEqual(small?.modules, []);
  });
});
