import assert from "node:assert/strict";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { type ExampleRun, endExamples, exampleFiles, runExample } from "./runExample.ts";

/** Examples of faults. Nothing is to be found in any other. */
const faulty = ["12", "16", "19"];

describe("example", () => {
  after(endExamples);

  /** Runs an example once for all its tests, and checks what holds for every one. */
  function example(number: string, title: string, tests: (run: () => ExampleRun) => void): void {
    describe(`${number}, ${title},`, () => {
      let run: ExampleRun | undefined;
      const finished = (): ExampleRun => run ?? assert.fail("it did not run");
      before(async function () {
        this.timeout(180_000);
        run = await runExample(number);
      });
      it("runs to its end", () => assert.equal(finished().outcome.kind, "ok", JSON.stringify(finished().outcome)));
      if (!faulty.includes(number)) it("raises no alert", () => assert.deepEqual(finished().alerts, []));
      tests(finished);
    });
  }

  it("files are all tested here", () => {
    const numbers = exampleFiles.map((file) => file.slice(0, 2));
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, i) => String(i + 1).padStart(2, "0")),
    );
  });

  example("01", "the first gradient", (run) => {
    it("gives 11 and 7", () => {
      assert.deepEqual([run().value("y"), run().gradient("x")], [[11], [7]]);
      assert.deepEqual(run().lines, ["y = 11", "dy/dx = 7"]);
    });
    it("has x as a leaf and y as the root", () => {
      const [x, y] = [run().tensor("x"), run().tensor("y")];
      assert.deepEqual([x.isLeaf, x.isRoot, x.place?.line], [true, false, 7]);
      assert.deepEqual([y.isLeaf, y.isRoot, y.gradFn], [false, true, "AddBackward0"]);
    });
  });

  example("02", "the chain rule", (run) => {
    it("gives 44, and the gradient of every step", () => {
      const gradients = ["y", "b", "a", "x"].map((name) => run().gradient(name));
      assert.deepEqual(gradients, [[1], [22], [22], [44]]);
    });
    it("multiplies the factors 1, 22, 1 and 2", () => {
      const { backward } = buildGraph(run().recording);
      const factors = backward.flatMap(({ crossed }) => crossed.map(({ factor }) => factor));
      assert.equal(backward[0]?.gradIn, "1");
      assert.deepEqual([Number(backward[0]?.gradIn), ...factors], [1, 22, 1, 2]);
    });
    it("sends 22, 22 and 44 over the edges", () => {
      const { backward } = buildGraph(run().recording);
      const crossed = backward.flatMap((step) => step.crossed.map(({ grad }) => grad));
      assert.deepEqual(crossed, ["22", "22", "44"]);
    });
  });

  example("03", "leaf and non-leaf", (run) => {
    it("tells them apart", () => {
      const leaves = ["weights", "constant", "scaled", "shifted", "loss"].map((name) => run().tensor(name).isLeaf);
      assert.deepEqual(leaves, [true, true, false, false, false]);
      assert.equal(run().tensor("scaled").gradFn, "MulBackward0");
    });
    it("keeps the gradients of the leaf and of what retains its own", () => {
      assert.deepEqual(run().gradient("weights"), [10, 20, 30]);
      assert.deepEqual(run().gradient("shifted"), [1, 1, 1]);
      assert.equal(run().tensor("constant").gradReason?.cause, "not-required");
      assert.equal(run().tensor("scaled").gradStatus, "not-retained");
    });
  });

  example("04", "accumulation", (run) => {
    it("gives 6, 12, null and 6", () => {
      const numbers = run().lines.map((line) => line.split(": ")[1]);
      assert.deepEqual(numbers, ["6", "12", "null", "6"]);
      assert.deepEqual(run().gradient("w"), [6]);
    });
  });

  example("05", "detach", (run) => {
    it("gives 32 whole and 16 with one factor detached", () => {
      assert.deepEqual(
        [run().printed("d(x² · x²)/dx ="), run().printed("with one factor detached:"), run().gradient("z")],
        [32, 16, [16]],
      );
    });
    it("shows where the graph is cut", () => {
      const cuts = buildGraph(run().recording).edges.filter(({ gradient }) => gradient === "cut");
      assert.deepEqual(
        cuts.map(({ cutBy }) => cutBy),
        ["detach"],
      );
      assert.equal(run().tensor("frozen").isCut, true);
    });
  });

  example("06", "noGrad", (run) => {
    it("records nothing inside and lets nothing leak across await", () => {
      assert.deepEqual(run().lines.slice(0, 1), ["outside noGrad: true · inside: false"]);
      assert.equal(run().lines.at(-1), "recording inside, after await: false · outside: true");
    });
    it("takes a step of gradient descent", () => near(run().value("w"), [0.8, -1.6, 2.4]));
  });

  example("07", "inferenceMode", (run) => {
    it("refuses to save an inference tensor for backward, and takes its clone", () => {
      assert.match(run().lines[1] ?? "", /^refused: Inference tensors cannot be saved for backward/);
      assert.equal(run().lines[2], "through a clone: true");
      assert.deepEqual(run().gradient("w"), run().value("prediction"));
    });
    it("says why the model has no gradients", () => {
      assert.equal(run().tensor("model.weight").gradReason?.cause, "no-grad-mode");
    });
  });

  example("08", "non-scalar outputs", (run) => {
    it("gives vᵀJ, and the gradient of the sum", () => {
      assert.match(run().lines[0] ?? "", /tensor\(\[ *2\., *40\., *600\.\]\)$/);
      assert.deepEqual(run().gradient("x"), [2, 4, 6]);
    });
    it("shows the error of a vector without either", () => {
      assert.match(run().lines[2] ?? "", /grad can be implicitly created only for scalar outputs/);
    });
  });

  example("09", "a recommendation loss", (run) => {
    const last = (word: string): number =>
      Number(new RegExp(`${word} (-?[\\d.]+)`).exec(run().lines.at(-1) ?? "")?.[1]);
    it("learns the ratings and keeps the items apart", () => {
      assert.ok(last("accuracy") < 0.01, `accuracy ${last("accuracy")}`);
      assert.ok(last("similarity") < -0.1, `similarity ${last("similarity")}`);
    });
    it("sends a gradient to users and items in each of 200 steps", () => {
      assert.deepEqual([run().tensor("users").gradStatus, run().tensor("items").gradStatus], ["present", "present"]);
      const steps = trainingSteps(run().recording);
      assert.ok(steps.length === 200 && steps.every(({ gradNorm }) => gradNorm > 0));
    });
  });

  example("10", "higher orders and a PINN", (run) => {
    it("gives 32, 48 and 48 for x⁴ at 2", () => {
      assert.deepEqual(run().lines[0], "x⁴: 32 48 48");
      assert.deepEqual(
        ["first", "second", "third"].map((name) => run().value(name)),
        [[32], [48], [48]],
      );
    });
    it("solves u′ = −u", () => {
      near([run().printed("u(1) =")], [Math.exp(-1)], 0.01);
      assert.ok((trainingSteps(run().recording).at(-1)?.loss ?? 1) < 0.001);
    });
  });

  example("11", "a custom Function", (run) => {
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    it("gives log(1 + eˣ) and the sigmoid", () => {
      near(
        run().value("y"),
        [-2, 0, 2, 100].map((x) => (x > 20 ? x : Math.log1p(Math.exp(x)))),
      );
      near(run().gradient("x"), [-2, 0, 2, 100].map(sigmoid));
      assert.match(run().tensor("y").gradFn ?? "", /Softplus/);
    });
  });

  example("12", "gradcheck", (run) => {
    it("passes the right one and fails the one with the wrong sign", () => {
      const checks = run().recording.gradchecks;
      assert.deepEqual(
        checks.map(({ name, passed }) => [name, passed]),
        [
          ["gradcheck cube", true],
          ["gradcheck wrongCube", false],
        ],
      );
      assert.deepEqual(run().lines, ["Cube: true", "WrongCube: false"]);
    });
    it("shows the entry that is farthest off", () => {
      const worst = run().recording.gradchecks[1]?.worst;
      near([worst?.analytical ?? 0, worst?.numerical ?? 0], [-12, 12]);
    });
    it("raises one alert, at the line of the wrong backward", () => {
      assert.deepEqual(
        run().alerts.map(({ kind, place }) => [kind, place?.line]),
        [["gradcheck", 22]],
      );
    });
  });

  example("13", "a training loop", (run) => {
    it("learns XOR", () => {
      assert.equal(run().lines.at(-1), "predictions: tensor([0., 1., 1., 0.])");
      const steps = trainingSteps(run().recording);
      assert.equal(steps.length, 200);
      near([steps[0]?.loss ?? 0], [Math.LN2], 0.05);
      assert.ok((steps.at(-1)?.loss ?? 1) < 0.01);
    });
    it("knows the parameters by their paths", () => {
      const paths = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"];
      assert.deepEqual(
        run().names.filter((name) => name.startsWith("model.")),
        paths.map((name) => `model.${name}`),
      );
    });
  });

  example("14", "clipping an RNN", (run) => {
    it("clips exploding gradients to a norm of 1", () => {
      const before = run().lines.map((line) => Number(/before clipping (\S+)/.exec(line)?.[1]));
      assert.equal(before.length, 5);
      for (const norm of before) assert.ok(norm > 1e6, `${norm}`);
      for (const { gradNorm } of trainingSteps(run().recording)) near([gradNorm], [1], 1e-4);
    });
  });

  example("15", "the profiler", (run) => {
    it("prints a table of ten steps, with the part that was named", () => {
      const row = (name: string): string => run().lines.find((line) => line.startsWith(`${name} `)) ?? "";
      assert.match(row("forward"), /\s10$/);
      assert.match(row("linear"), /\s20$/);
    });
  });

  example("16", "the birth of a NaN", (run) => {
    it("has a fine loss and a NaN in its gradient", () => {
      assert.deepEqual(run().value("loss"), [5]);
      assert.deepEqual(run().gradient("x"), [Number.NaN, 1, 1]);
    });
    it("raises one alert, at the line of the sqrt", () => {
      const [alert, ...others] = run().alerts;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [alert?.severity, alert?.place?.line, alert?.origin?.op, alert?.origin?.phase],
        ["error", 8, "sqrt", "backward"],
      );
    });
  });

  example("17", "micro-batches", (run) => {
    it("gives the gradient of the whole batch", () => {
      near(run().value("accumulated"), run().value("whole") ?? [], 1e-5);
      assert.equal(run().value("whole")?.length, 3);
    });
  });

  example("18", "checkpointing", (run) => {
    it("runs the block twice and gives the same gradient, dropout included", () => {
      assert.deepEqual(run().lines, [
        "runs of the block: 1",
        "runs of the block, checkpointed: 2",
        "same gradient: true",
      ]);
      assert.ok((run().tensor("found").value?.norm ?? 0) > 0.1);
    });
  });

  example("19", "the classic errors", (run) => {
    it("shows what each message says", () => {
      const text = run().lines.join("\n");
      assert.match(text, /^Backward twice:\n {2}Trying to backward through the graph a second time/m);
      assert.match(text, /^No graph leads here:\n {2}element 0 of tensors does not require grad/m);
      assert.match(
        text,
        /^A value that backward needs was overwritten:\n {2}one of the variables .* modified by an inplace/m,
      );
    });
    it("says why gradients are null", () => {
      assert.deepEqual(run().gradient("w"), [6]);
      assert.equal(run().tensor("unused").gradReason?.cause, "not-reached");
      assert.equal(run().tensor("cut").gradReason?.cause, "not-required");
    });
  });

  example("20", "handwritten digits", (run) => {
    it("recognizes more than 95% of digits it has not seen", () => {
      assert.ok(run().printed("test accuracy:") > 95, run().lines.at(-1));
    });
    it("learns with every epoch", () => {
      const losses = run()
        .lines.filter((line) => line.startsWith("epoch"))
        .map((line) => Number(/mean loss ([\d.]+)/.exec(line)?.[1]));
      assert.equal(losses.length, 4);
      assert.deepEqual(
        losses,
        losses.toSorted((a, b) => b - a),
      );
    });
  });
});

function near(found: readonly number[] | undefined, wanted: readonly number[], tolerance = 1e-5): void {
  assert.equal(found?.length, wanted.length);
  for (const [i, x] of wanted.entries()) {
    assert.ok(
      Math.abs((found?.[i] ?? Number.NaN) - x) <= tolerance * Math.max(1, Math.abs(x)),
      `${found} is not ${wanted}`,
    );
  }
}
