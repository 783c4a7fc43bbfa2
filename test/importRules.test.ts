import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Import, importsIn, importsOf } from "./support/imports.ts";

/** What the files of one room may import besides each other. */
interface Room {
  readonly files: readonly string[];
  readonly types?: readonly string[];
  /** Packages and Node's own modules; `*` stands for the rest of a name. */
  readonly packages?: readonly string[];
}

const allOfEngine = [
  "engine/base",
  "engine/kernels",
  "engine/ops",
  "engine/autograd",
  "engine/functional",
  "engine/gradcheck",
  "engine/nn",
  "engine/optim",
  "engine/recording",
  "engine/recording/runRecorder.ts",
];
/** What both sides of a process border may use: everything about a finished recording, and nothing that makes one. */
const recording = [
  "engine/recording",
  "engine/recording/queries",
  "engine/recording/layout",
  "engine/recording/paint",
  "engine/recording/export",
  "engine/recording/traces",
];
const builtOnTensors = { files: ["engine/base", "engine/ops", "engine/autograd"] };
const runnerPackages = ["node:*", "esbuild", "acorn", "magic-string", "@jridgewell/*", "get-tsconfig"];
/**
 * The table of ARCHITECTURE.md. A file belongs to the room with the longest name that fits it. A debt is a row of its own, named
 * after the one file that has it, with the reason in a comment.
 */
const rooms: Readonly<Record<string, Room>> = {
  "engine/base": { files: [] },
  "engine/kernels": { files: ["engine/base"] },
  "engine/ops": { files: ["engine/base", "engine/kernels", "engine/autograd"] },
  "engine/autograd": { files: ["engine/base", "engine/kernels"], types: ["engine/ops"] },
  "engine/functional": builtOnTensors,
  "engine/gradcheck": builtOnTensors,
  "engine/nn": builtOnTensors,
  // Debt: an optimizer's step is one pass over the numbers in a kernel, where a user would write ten ops.
  "engine/optim": { files: ["engine/base", "engine/kernels", "engine/ops", "engine/autograd"] },
  "engine/recording": { files: ["engine/base"], types: ["engine/autograd", "engine/ops"] },
  // What listens to the engine; so it belongs to the worker, and a view that imported it would carry a second engine.
  "engine/recording/runRecorder.ts": {
    files: ["engine/base", "engine/kernels", "engine/autograd", "engine/recording"],
  },
  "engine/recording/queries": { files: ["engine/base", "engine/recording"] },
  // A graph as people draw it: where boxes and lines go, how they look on any surface, and as a file; a run as a page.
  "engine/recording/layout": { files: ["engine/recording", "engine/recording/queries"] },
  "engine/recording/paint": { files: ["engine/recording/queries", "engine/recording/layout"] },
  "engine/recording/export": {
    files: ["engine/recording", "engine/recording/queries", "engine/recording/layout", "engine/recording/paint"],
  },
  // Profiles as files of other programs, and such files as profiles.
  "engine/recording/traces": { files: ["engine/base", "engine/recording", "engine/recording/queries"] },
  // The parts of the public surface that are objects: autograd, func, optim, utils.
  "engine/surface": { files: allOfEngine },
  "engine/index.ts": { files: [...allOfEngine, "engine/surface"] },

  extension: { files: ["extension/runner", "webview/protocol", ...recording], packages: ["vscode", "node:*"] },
  // The worker loads the engine by its path and never imports it: a bundled second copy would be a second engine.
  "extension/runner": { files: recording, packages: runnerPackages },
  "extension/debug": {
    files: ["extension/runner", "engine/base", ...recording],
    types: ["engine/functional"],
    packages: ["node:*", "@vscode/debugadapter", "@vscode/debugadapter/*", "@vscode/debugprotocol"],
  },
  "extension/cli": {
    files: ["extension/runner", "extension/debug", "engine/base", ...recording],
    packages: ["node:*"],
  },

  "webview/protocol": { files: recording },
  webview: {
    files: ["webview/protocol", ...recording],
    packages: ["preact", "preact/*", "@vscode/webview-ui-toolkit", "@vscode/codicons/*", "uplot", "uplot/*"],
  },
};

const root = path.dirname(import.meta.dirname);
const sources = globSync("{engine,extension,webview}/**/*.{ts,tsx}", { cwd: root }).map((file) =>
  file.replaceAll(path.sep, "/"),
);

describe("the import rules", () => {
  it("hold in every file of engine, extension and webview", () => {
    assert.ok(sources.length > 0, "no sources were found, so nothing was checked");
    const broken = sources.flatMap((file) => brokenRules(file, importsOf(root, file)));
    assert.deepEqual(broken, []);
  });

  it("name only rooms that somebody can be in", () => {
    const named = Object.values(rooms).flatMap((room) => [...room.files, ...(room.types ?? [])]);
    assert.deepEqual(
      named.filter((name) => !(name in rooms)),
      [],
    );
  });

  it("are those of ARCHITECTURE.md", () => {
    const own = Object.entries(rooms).map(([name, { files, types = [] }]) => {
      return [name, [...files, ...types.map((room) => `types of ${room}`)].sort()];
    });
    assert.deepEqual(writtenRules(), Object.fromEntries(own));
  });

  const refused: readonly [file: string, text: string, what: string][] = [
    ["engine/base/shape.ts", 'import { matmul } from "../kernels/matmul.ts";', "a lower room importing a higher one"],
    ["engine/autograd/tensor.ts", 'import { ops } from "../ops/all.ts";', "a value where only types may be taken"],
    ["engine/ops/matmul.ts", 'import fs from "node:fs";', "Node in the engine"],
    ["engine/nn/linear.ts", 'export * from "preact";', "a package in the engine"],
    ["extension/runner/broker.ts", 'import * as vscode from "vscode";', "vscode in the runner"],
    ["extension/runner/broker.ts", 'import { tensor } from "../../engine/index.ts";', "the engine in the runner"],
    [
      "extension/activate.ts",
      'const lazy = await import("../webview/graph/view.ts");',
      "a panel in the extension host",
    ],
    ["webview/graph/main.ts", 'import { services } from "../../extension/services.ts";', "the extension in a panel"],
    ["webview/graph/main.ts", 'let t: import("../../engine/index.ts").Tensor;', "the engine in a panel, by its type"],
    ["webview/graph/main.ts", 'import React from "react";', "React"],
    ["engine/stray.ts", "", "a file outside every room"],
  ];
  for (const [file, text, what] of refused) {
    it(`refuse ${what}`, () => assert.equal(brokenRules(file, importsIn(file, text)).length, 1));
  }

  const accepted: readonly [file: string, text: string, what: string][] = [
    ["engine/autograd/tensor.ts", 'import type { Op } from "../ops/op.ts";', "a type where only types may be taken"],
    [
      "extension/runner/worker.ts",
      'import type { Row } from "../../engine/recording/schema.ts";',
      "a recording in the runner",
    ],
    ["webview/graph/main.tsx", 'import { render } from "preact";', "preact in a panel"],
  ];
  for (const [file, text, what] of accepted) {
    it(`allow ${what}`, () => assert.deepEqual(brokenRules(file, importsIn(file, text)), []));
  }
});

/** One sentence for each import of a file that its room may not have. */
function brokenRules(file: string, imports: readonly Import[]): string[] {
  const home = roomOf(file);
  const rules = home === undefined ? undefined : rooms[home];
  if (home === undefined || rules === undefined) return [`${file} is in no room of the table`];

  const mayImport = ({ what, isFile, typeOnly }: Import): boolean => {
    if (!isFile) return (rules.packages ?? []).some((pattern) => matches(pattern, what));
    const target = roomOf(what);
    if (target === undefined) return false;
    return target === home || rules.files.includes(target) || (typeOnly && (rules.types ?? []).includes(target));
  };
  return imports.filter((one) => !mayImport(one)).map((one) => `${file} imports ${one.what}, which ${home} may not`);
}

/** The table of ARCHITECTURE.md: what each room may import, in alphabetical order. */
function writtenRules(): Record<string, string[]> {
  const shorthands: Readonly<Record<string, readonly string[]>> = {
    nothing: [],
    "all of the engine": allOfEngine,
    "a recording": recording,
  };
  const text = readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([^`]+)` \|[^|]*\| ([^|]*) \|$/gm)];
  return Object.fromEntries(
    rows.map(([, room = "", imports = ""]) => {
      const named = imports.split(", ").flatMap((one) => shorthands[one] ?? [one.replaceAll("`", "")]);
      return [room, named.sort()];
    }),
  );
}

/** The room with the longest name that is this file or a folder above it. */
function roomOf(file: string): string | undefined {
  const fitting = Object.keys(rooms).filter((name) => file === name || file.startsWith(`${name}/`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
