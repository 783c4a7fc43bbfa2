import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { historyOf } from "../../engine/recording/queries/alerts/history.ts";
import { type Alert, findAlerts } from "../../engine/recording/queries/alerts.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { Fix } from "../../extension/editor/fixes/fix.ts";
import { fixesFor, withChanges } from "../../extension/editor/fixes/fixesFor.ts";
import { SourceCode } from "../../extension/editor/fixes/sourceCode.ts";
import { inCache, inProject, packageProgram, runNode } from "../../scripts/project.ts";
import { Bench, type Program, programs } from "../alerts/programs.ts";

/** The first fix that each program's fault is offered. */
const best: Readonly<Record<string, string>> = {
  "angle-between-equal-vectors": "Keep the input inside the domain with clamp",
  "angle-of-the-origin": "Move the point by 1e-8",
  "backward-twice": "Keep the graph with retainGraph",
  "bias-not-given": "Give them to the optimizer",
  "binary-cross-entropy-by-hand": "Use binaryCrossEntropyWithLogits",
  "cleared-before-step": "Clear the gradients before backward",
  "clip-too-late": "Clip before the step",
  "copied-into-a-tensor": "Use stack() instead of tensor()",
  "cross-entropy-by-hand": "Use logSoftmax instead of the logarithm of softmax",
  "cube-root-of-negative": "Keep the base above 0 with clamp",
  "distance-to-itself": "Add 1e-8 inside the root",
  "exp-of-a-sum": "Use logsumexp",
  "exp-overwritten": "Use mul() instead of mul_()",
  "features-computed-once": "Cut `feats` off with detach()",
  "features-detached": "Remove detach()",
  "fully-masked-row": "Mask with −1e9 instead of −Infinity",
  "generator-not-detached": "Cut `fake` off with detach()",
  "history-of-losses": "Keep the values without their graphs (detach)",
  "layer-not-given": "Give all parameters to the optimizer",
  "leaf-written": "Write inside noGrad",
  "log-of-a-small-log": "Use log1p, which is exact near 0",
  "log-of-negative": "Keep the input above 0 with clamp",
  "loss-in-no-grad": "Compute it outside noGrad",
  "mask-by-multiplication": "Mask with −1e9 instead of −Infinity",
  "nan-in-a-table": "Replace NaN by 0 with nanToNum",
  "negative-log-likelihood-by-hand": "Use crossEntropy on the logits",
  "normalize-an-empty-row": "Add 1e-8 to the divisor",
  "requires-grad-forgotten": "Let `x` require grad",
  "second-derivative-without-graph": "Record a graph of the gradient with createGraph",
  "sigmoid-by-hand-overflow": "Use sigmoid",
  "softmax-by-hand": "Use softmax",
  "standardize-one-example": "Divide by n instead of n − 1 (correction: 0)",
  "state-carried-over": "Cut `state` off with detach()",
  "step-first": "Move step() after backward()",
  "step-forgotten": "Call optimizer.step() after backward",
  "targets-without-column": "Give the target the same shape with unsqueeze(-1)",
  "total-loss-with-graphs": "Add the value without its graph (detach)",
  "update-makes-a-result": "Change `w` in place inside noGrad",
  "values-by-data": "Remove .data",
  "vector-loss": "Reduce it with mean()",
  "weights-without-grad": "Let `w2` require grad",
  "where-around-a-division": "Make the input safe where it is not taken (double where)",
  "where-around-log": "Make the input safe where it is not taken (double where)",
  "where-around-sqrt": "Make the input safe where it is not taken (double where)",
  "zero-grad-forgotten": "Call optimizer.zeroGrad() before backward",
  "zero-grad-forgotten-by-hand": "Clear the gradient before backward",
};

/** A program after a fix, what was told before and what is told now. */
interface Fixed {
  readonly program: Program;
  readonly title: string;
  readonly alert: Alert;
  readonly after: readonly Alert[];
}

describe("quick fixes", function () {
  this.timeout(300_000);
  const folder = inCache("fixes");
  const fixed: Fixed[] = [];
  const offered = new Map<string, string[]>();

  before(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const bench = new Bench();
    try {
      for (const program of programs("wrong")) await tryFixes(bench, program);
    } finally {
      bench.dispose();
    }
  });

  async function tryFixes(bench: Bench, program: Program): Promise<void> {
    const { alerts, recording } = await bench.run(program);
    const text = readFileSync(program.file, "utf8");
    for (const alert of alerts) {
      for (const [i, fix] of fixesOf(alert, recording, program, text).entries()) {
        offered.set(program.name, [...(offered.get(program.name) ?? []), fix.title]);
        const file = path.join(folder, `${program.name}-${alert.kind}-${i}.ts`);
        writeFileSync(file, withChanges(text, fix));
        const again = await bench.run({ name: program.name, file, expected: [] });
        fixed.push({ program, title: fix.title, alert, after: findAlerts(again.recording) });
      }
    }
  }

  for (const [name, title] of Object.entries(best)) {
    it(`begin with "${title}" for ${name}`, () => {
      assert.equal(offered.get(name)?.[0], title);
    });
  }

  it("each take the alert away that they are offered for", () => {
    const stays = fixed.filter(({ alert, after }) => after.some((one) => isSame(one, alert)));
    assert.deepEqual(
      stays.map(({ program, title }) => `${program.name}: ${title}`),
      [],
    );
    assert.ok(fixed.length >= 50, String(fixed.length));
  });

  it("leave programs whose types are right", async () => {
    const tsconfig = path.join(folder, "tsconfig.json");
    const compilerOptions = {
      target: "es2024",
      module: "nodenext",
      moduleDetection: "force",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      types: ["node"],
      typeRoots: [inProject("node_modules/@types")],
      paths: { gradlens: [inProject("engine/index.ts")] },
    };
    const config = { compilerOptions, include: ["*.ts"] };
    writeFileSync(tsconfig, JSON.stringify(config));
    let said = "";
    const tsc = packageProgram("typescript", "bin/tsc");
    const code = await runNode([tsc, "--project", tsconfig], {
      onOutput: (text) => {
        said += text;
      },
    });
    assert.equal(code, 0, said);
  });
});

function fixesOf(alert: Alert, recording: Recording, { file }: Program, text: string): Fix[] {
  const starts = [0];
  for (const line of text.split("\n")) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return fixesFor({
    alert,
    history: historyOf(recording),
    code: new SourceCode(text),
    locate: (place) => (place?.file === file ? (starts[place.line - 1] ?? 0) + place.column - 1 : null),
  });
}

function isSame(one: Alert, other: Alert): boolean {
  const isThere = one.place?.line === other.place?.line && one.place?.column === other.place?.column;
  return one.kind === other.kind && one.origin?.cause === other.origin?.cause && isThere;
}
