import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { inCache, inProject, root } from "./project.ts";
import { writeTypes } from "./types.ts";

/** What one bundle is made of: its place in dist/ without the ending, and the source it starts from. */
interface Entry {
  readonly name: string;
  readonly source: string;
}

/** `programs` run under Node without VS Code: the engine, the runner, the command line. */
export type Part = "extension" | "programs" | "panels";

/** Bundles that are made in one go, so that they may share code. */
interface Bundle {
  readonly part: Part;
  readonly entries: readonly Entry[];
  readonly options: esbuild.BuildOptions;
}

export interface BundleOptions {
  /** Source maps, and names and lines as they are in the source. */
  readonly development?: boolean;
  /** All parts when left out. */
  readonly parts?: readonly Part[];
}

/** A file of dist/ and its size in bytes. */
export interface Output {
  readonly file: string;
  readonly bytes: number;
}

// VS Code 1.104, the oldest that the manifest allows, runs extensions on Node 22 and panels on Chromium 138.
const node = "node22";
const browser = "chrome138";

const shared: esbuild.BuildOptions = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  metafile: true,
  logLevel: "warning",
  // Licences stand in dist/NOTICE.txt, in full.
  legalComments: "none",
  loader: { ".ttf": "file", ".svg": "text" },
};

function bundles(): Bundle[] {
  return [
    {
      part: "extension",
      entries: [{ name: "extension", source: "extension/activate.ts" }],
      options: {
        platform: "node",
        format: "cjs",
        target: node,
        outExtension: { ".js": ".cjs" },
        plugins: [oneVsCode],
      },
    },
    {
      part: "programs",
      // Built together, so that the recorder observes the very engine that the user's `import "gradlens"` is: they share every module.
      entries: [
        { name: "engine", source: "engine/index.ts" },
        { name: "recorder", source: "engine/recording/runRecorder.ts" },
        // The debugger's, which looks up the ops of that engine.
        { name: "localDerivative", source: "engine/functional/localDerivative.ts" },
        { name: "kernelHelper", source: "engine/kernels/threads/helper.ts" },
      ],
      options: { ...program, ...inPieces },
    },
    { part: "programs", entries: [{ name: "worker", source: "extension/runner/worker.ts" }], options: program },
    { part: "programs", entries: [{ name: "broker", source: "extension/runner/broker.ts" }], options: program },
    {
      part: "programs",
      entries: [{ name: "debugAdapter", source: "extension/debug/main.ts" }],
      options: { ...program, banner: requireInModule },
    },
    {
      part: "programs",
      entries: [{ name: "debugEvaluator", source: "extension/debug/evaluator/thread.ts" }],
      options: program,
    },
    {
      part: "programs",
      entries: [{ name: "profileWorker", source: "extension/profiles/profileWorker.ts" }],
      options: program,
    },
    {
      part: "programs",
      // In pieces, so that an older Node, which can read the first one, never sees the rest.
      entries: [{ name: "cli", source: "extension/cli/main.ts" }],
      options: { ...program, ...inPieces },
    },
    ...panels(),
  ];
}

/**
 * Lets all modules share one import of VS Code's interface. Left to itself, esbuild asks for it and copies its several hundred names
 * once for each of our modules that mentions it, which was nearly half the time that the extension took to start.
 */
const oneVsCode: esbuild.Plugin = {
  name: "one vscode",
  setup({ onResolve, onLoad }) {
    const namespace = "shared";
    onResolve({ filter: /^vscode$/ }, ({ namespace: asker }) => {
      return asker === namespace ? { path: "vscode", external: true } : { path: "vscode", namespace };
    });
    onLoad({ filter: /^/, namespace }, () => ({ contents: 'export * from "vscode";' }));
  },
};

const program: esbuild.BuildOptions = {
  platform: "node",
  format: "esm",
  target: node,
  plugins: [
    {
      // esbuild has a binary beside its JavaScript and cannot be part of a bundle: see `shipEsbuild`.
      name: "esbuild from dist",
      setup: ({ onResolve }) =>
        onResolve({ filter: /^esbuild$/ }, () => ({ path: "./esbuild/lib/main.js", external: true })),
    },
  ],
};

/** The debug adapter's library is CommonJS and asks for Node's own modules by `require`, which a module does not have. */
const requireInModule = {
  js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
};

const inPieces: esbuild.BuildOptions = { splitting: true, chunkNames: "chunks/[name]-[hash]" };

/**
 * One bundle for each `webview/<panel>/main.ts(x)`, and one for each `webview/<panel>/<name>Worker.ts`, which a panel starts from a blob
 * because a webview may not load a worker from elsewhere.
 */
function panels(): Bundle[] {
  const mains = sourcesLike("webview/*/main.{ts,tsx}").map((source) => {
    return { name: `webview/${folderOf(source)}`, source };
  });
  const workers = sourcesLike("webview/*/*Worker.ts").map((source) => {
    return { name: `webview/${folderOf(source)}.${path.basename(source, ".ts")}`, source };
  });
  const options: esbuild.BuildOptions = {
    platform: "browser",
    format: "iife",
    target: browser,
    jsx: "automatic",
    jsxImportSource: "preact",
    assetNames: "webview/[name]",
  };
  return [{ part: "panels", entries: [...mains, ...workers], options }];
}

function sourcesLike(pattern: string): string[] {
  return globSync(pattern, { cwd: root }).map((file) => file.replaceAll(path.sep, "/"));
}

function folderOf(source: string): string {
  return path.basename(path.dirname(source));
}

/** Bundles everything that has a source, writes the types and puts esbuild in its place; gives the files of dist/ with their sizes. */
export async function bundle(options: BundleOptions = {}): Promise<Output[]> {
  if (isWanted("programs", options)) rmSync(inProject("dist", "chunks"), { recursive: true, force: true });
  const [results] = await Promise.all([
    Promise.all(esbuildOptions(options).map((one) => esbuild.build(one))),
    writeTypes(),
  ]);
  shipEsbuild();

  const inputs: esbuild.Metafile["inputs"] = Object.assign({}, ...results.map(({ metafile }) => metafile?.inputs));
  const outputs: esbuild.Metafile["outputs"] = Object.assign({}, ...results.map(({ metafile }) => metafile?.outputs));
  if (options.parts === undefined) {
    writeFileSync(path.join(inCache("build"), "meta.json"), JSON.stringify({ inputs, outputs }));
    writeNotice(Object.keys(inputs));
  }
  return Object.entries(outputs)
    .map(([file, { bytes }]) => ({ file, bytes }))
    .sort((a, b) => a.file.localeCompare(b.file));
}

/** The same, again and again, whenever a source changes; ends when the process does. */
export async function watch(onStart: () => void, onFinished: (errors: number) => void): Promise<void> {
  await writeTypes();
  shipEsbuild();

  let running = 0;
  let errors = 0;
  const tell: esbuild.Plugin = {
    name: "tell",
    setup({ onStart: onBuildStart, onEnd }) {
      onBuildStart(() => {
        if (running++ > 0) return;
        errors = 0;
        onStart();
      });
      onEnd((result) => {
        errors += result.errors.length;
        if (--running === 0) onFinished(errors);
      });
    },
  };
  const contexts = esbuildOptions({ development: true }).map((options) =>
    esbuild.context({ ...options, plugins: [...(options.plugins ?? []), tell] }),
  );
  for (const context of await Promise.all(contexts)) await context.watch();
}

function isWanted(part: Part, { parts }: BundleOptions): boolean {
  return parts === undefined || parts.includes(part);
}

function esbuildOptions(wanted: BundleOptions): esbuild.BuildOptions[] {
  const { development = false } = wanted;
  const chosen = bundles().filter(({ part }) => isWanted(part, wanted));
  return chosen.flatMap(({ entries, options }) => {
    const present = entries.filter(({ source }) => existsSync(inProject(source)));
    if (present.length === 0) return [];

    // Names stay as they are in what runs under Node: they stand in stack traces, and a module is known by the name of its class.
    const minifyIdentifiers = !development && options.platform === "browser";
    return {
      ...shared,
      ...options,
      entryPoints: present.map(({ name, source }) => ({ in: source, out: name })),
      minifyWhitespace: !development,
      minifySyntax: !development,
      minifyIdentifiers,
      sourcemap: development ? "linked" : false,
    };
  });
}

/**
 * Puts esbuild into dist/esbuild as npm would lay it out, so that the code it ships with finds its binary by Node's own rules. The
 * platform package can be that of another system, for a VSIX made here for there.
 */
export function shipEsbuild(
  target = inProject("dist", "esbuild"),
  platformPackage = inProject("node_modules", "@esbuild", `${process.platform}-${process.arch}`),
): void {
  const library = inProject("node_modules", "esbuild");
  const platform = path.basename(platformPackage);
  const binary = path.join(target, "node_modules", "@esbuild", platform);
  const wanted = readFileSync(path.join(platformPackage, "package.json"), "utf8");
  const placed = path.join(binary, "package.json");
  if (existsSync(placed) && readFileSync(placed, "utf8") === wanted) return;

  rmSync(target, { recursive: true, force: true });
  for (const file of ["package.json", "lib/main.js", "LICENSE.md"]) copy(library, target, file);
  const program = platform.startsWith("win32") ? "esbuild.exe" : "bin/esbuild";
  copy(platformPackage, binary, program);
  // Last, because it says that the rest is there.
  copy(platformPackage, binary, "package.json");
}

/** Writes dist/NOTICE.txt: the licence of every package that a bundle took something from, and of esbuild. */
function writeNotice(inputs: readonly string[]): void {
  const packages = new Set(["esbuild"]);
  for (const file of inputs) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    if (name !== undefined) packages.add(name);
  }

  const notices = [...packages].sort().map((name) => {
    const folder = inProject("node_modules", name);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const texts = globSync("{LICENSE,LICENCE,license,NOTICE,ThirdPartyNotices}*", { cwd: folder });
    const text = texts.map((file) => readFileSync(path.join(folder, file), "utf8").trim()).join("\n\n");
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  writeFileSync(inProject("dist", "NOTICE.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

function copy(from: string, to: string, file: string): void {
  mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
  cpSync(path.join(from, file), path.join(to, file));
}
