import assert from "node:assert/strict";
import { nn, type Tensor, tensor } from "../../engine/index.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { type Name, recorded } from "./recorded.ts";

const leaf = (value = 1): Tensor => tensor(value, { requiresGrad: true });

/** What the report calls the tensors of a program: the module path, else the name. */
function names(program: (name: Name) => void): (string | null)[] {
  return namedTensors(recorded(program)).map(({ name, module }) => module ?? name);
}

describe("names of what has none of its own", () => {
  it("are those of its place in a list, a map or an object", () => {
    const found = names((name) => {
      const ws = name("ws", [leaf(), [leaf()]]);
      const byName = name("byName", { a: leaf(), "b c": leaf(), inner: { d: leaf() } });
      const map = name("map", new Map<unknown, Tensor>([["k", leaf()]]));
      for (const x of [...ws.flat(), byName.a, byName["b c"], byName.inner.d, ...map.values()]) x.backward();
    });
    assert.deepEqual(found, ["ws[0]", "ws[1][0]", "byName.a", 'byName["b c"]', "byName.inner.d", "map.k"]);
  });

  it("stand where the list was named", () => {
    const [first] = namedTensors(recorded((name) => name("ws", [leaf()])));
    assert.deepEqual([first?.name, first?.place?.line], ["ws[0]", 1]);
  });

  it("leave alone what has a name, constants, and more than 256", () => {
    const found = names((name) => {
      const w = name("w", leaf());
      name("list", [w, tensor(1), ...Array.from({ length: 300 }, () => leaf())]);
    });
    assert.equal(found.length, 257);
    assert.deepEqual(found.slice(0, 2), ["w", "list[2]"]);
  });

  it("are paths of modules in lists and objects", () => {
    const found = names((name) => {
      name("layers", [new nn.Linear(1, 1), new nn.Linear(1, 1)]);
      name("heads", { left: new nn.Linear(1, 1, { bias: false }) });
    });
    const expected = ["layers[0].weight", "layers[0].bias", "layers[1].weight", "layers[1].bias", "heads.left.weight"];
    assert.deepEqual(found, expected);
  });

  it("run no getter, and look into no proxy", () => {
    let touched = 0;
    const trap = new Proxy({}, { get: () => touched++, has: () => touched++ > 0 });
    const isProxy = (value: object): boolean => value === trap;
    recorded(
      (name) =>
        name("list", [
          {
            get x() {
              return touched++;
            },
          },
          trap,
        ]),
      {},
      isProxy,
    );
    assert.equal(touched, 0);
  });
});

describe("paths of modules", () => {
  class Tree extends nn.Module {
    child: Tree | null = null;
    owner: Tree | null = null;
    readonly fc = new nn.Linear(1, 1, { bias: false });
  }

  it("are the shortest where parts point back at the whole", () => {
    const found = names((name) => {
      const child = name("child", new Tree());
      const net = name("net", new Tree());
      net.child = child;
      child.owner = net;
    });
    assert.deepEqual(found.sort(), ["child.fc.weight", "net.fc.weight"]);
  });

  it("begin at the outermost module with a name", () => {
    const found = names((name) => {
      const part = name("part", new Tree());
      const net = name("net", new Tree());
      net.child = part;
    });
    assert.deepEqual(found.sort(), ["net.child.fc.weight", "net.fc.weight"]);
  });

  it("are not those of a second name for a part", () => {
    const found = names((name) => {
      const net = name("net", new nn.Sequential(new nn.Linear(1, 1, { bias: false })));
      name("first", net.at(0) as nn.Module);
    });
    assert.deepEqual(found, ["net.0.weight"]);
  });

  it("do not suffer from what only looks like a module", () => {
    const found = names((name) => {
      name("odd", {
        namedParameters: () => {
          throw new Error("no");
        },
        namedChildren: () => {
          throw new Error("no");
        },
      });
      name("net", new nn.Linear(1, 1, { bias: false }));
    });
    assert.deepEqual(found, ["net.weight"]);
  });
});
