import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../../engine/base/errors.ts";

/** The command was called wrongly. The message says what to do instead. */
export class UsageError extends Error {}

/** What every command that runs a program takes. */
export interface CommonOptions {
  readonly json: boolean;
  readonly save: string | null;
  /** 0 for no limit. */
  readonly timeoutMs: number;
  readonly memoryMb: number | null;
}

export type RunCommand = CommonOptions & { readonly name: "run"; readonly file: string; readonly all: boolean };
export type DebugCommand = CommonOptions & { readonly name: "debug"; readonly file: string };
export type GraphFormat = "dot" | "svg" | "json";
export type GraphCommand = CommonOptions & {
  readonly name: "graph";
  readonly file: string;
  readonly format: GraphFormat;
};
export type ProfileCommand = CommonOptions & {
  readonly name: "profile";
  readonly file: string;
  readonly trace: string | null;
  readonly speedscope: string | null;
  readonly csv: string | null;
};
export type ReportCommand = CommonOptions & {
  readonly name: "report";
  readonly file: string;
  /** Null for standard output. */
  readonly output: string | null;
};
export type CheckCommand = CommonOptions & {
  readonly name: "check";
  readonly files: readonly string[];
  readonly junit: string | null;
  readonly sarif: string | null;
};
export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | RunCommand
  | DebugCommand
  | GraphCommand
  | ProfileCommand
  | ReportCommand
  | CheckCommand;

export const usage = `gradlens: gradients of TypeScript models, from the terminal

  gradlens run FILE        run a model; show its tensors, gradients and alerts
  gradlens debug FILE      step through it, forward and back, by commands
  gradlens check [FILES…]  report all gradchecks of models, folders, globs
  gradlens graph FILE      the autograd graph of a run (--format dot|svg|json)
  gradlens profile FILE    where its time and memory go, by op, line and module
  gradlens report FILE     all of it as one HTML page (--output F.html)

  --json             one JSON object instead of text
  --all              run: every tensor, not only those with a name
  --format F         graph: dot, svg or json; dot when left out
  --trace F          profile: a trace for Perfetto, in Chrome's format
  --speedscope F     profile: a profile for speedscope.app
  --csv F            profile: the table of ops
  --output F.html    report: where to write it; standard output when left out
  --junit F          check: results for CI in JUnit's format
  --sarif F          check: results for code scanning in SARIF
  --save F.gradlens  keep the recording, to open it in VS Code
  --timeout S        stop the run after S seconds
  --max-memory MB    stop the run when it holds more
  --version          print the version

run, debug, graph, profile and report also take a recording that --save kept,
profile also a trace in Chrome's format, such as PyTorch's (.json, .json.gz).
Exit code: 0 fine, 1 the model has errors or a gradcheck failed, 2 wrong usage.`;

const OPTIONS = {
  json: { type: "boolean" },
  all: { type: "boolean" },
  save: { type: "string" },
  timeout: { type: "string" },
  "max-memory": { type: "string" },
  format: { type: "string" },
  trace: { type: "string" },
  speedscope: { type: "string" },
  csv: { type: "string" },
  output: { type: "string" },
  junit: { type: "string" },
  sarif: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const satisfies ParseArgsConfig["options"];

type OptionName = keyof typeof OPTIONS;

/** The options that belong to one command alone. */
const OWN_OPTIONS: Readonly<Record<string, readonly OptionName[]>> = {
  run: ["all"],
  debug: [],
  check: ["junit", "sarif"],
  graph: ["format"],
  profile: ["trace", "speedscope", "csv"],
  report: ["output"],
};

/** Reads the command line. Throws UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...files] = positionals;
  if (values.help === true || name === "help") return { name: "help" };
  if (values.version === true) return { name: "version" };
  if (name === undefined)
    throw new UsageError("Which command? There are run, debug, check, graph, profile and report.");
  refuseForeignOptions(name, values);
  const common: CommonOptions = {
    json: values.json ?? false,
    save: values.save ?? null,
    timeoutMs: 1000 * (positive("timeout", values.timeout) ?? 0),
    memoryMb: positive("max-memory", values["max-memory"]),
  };
  switch (name) {
    case "run":
      return { name, file: onlyFile(name, files), all: values.all ?? false, ...common };
    case "debug":
      return { name, file: onlyFile(name, files), ...common };
    case "graph":
      return { name, file: onlyFile(name, files), format: graphFormat(values.format, common.json), ...common };
    case "profile": {
      const { trace = null, speedscope = null, csv = null } = values;
      return { name, file: onlyFile(name, files), trace, speedscope, csv, ...common };
    }
    case "report":
      return { name, file: onlyFile(name, files), output: values.output ?? null, ...common };
    case "check":
      if (common.save !== null && files.length > 1) throw new UsageError("--save keeps one run, so give one FILE.");
      return {
        name,
        files: files.length === 0 ? ["."] : files,
        junit: values.junit ?? null,
        sarif: values.sarif ?? null,
        ...common,
      };
  }
  throw new UsageError(`There is no command '${name}'.${guess(name, Object.keys(OWN_OPTIONS))}`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(--?[^']+)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const known = Object.keys(OPTIONS).map((option) => `--${option}`);
    throw new UsageError(`There is no option ${unknown}.${guess(unknown, known)}`);
  }
}

function guess(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates);
  return found === null ? "" : ` Did you mean ${found}?`;
}

function refuseForeignOptions(name: string, values: Readonly<Partial<Record<OptionName, unknown>>>): void {
  for (const [command, options] of Object.entries(OWN_OPTIONS)) {
    const foreign = command === name ? undefined : options.find((option) => values[option] !== undefined);
    if (foreign !== undefined && name in OWN_OPTIONS) {
      throw new UsageError(`--${foreign} belongs to '${command}', not to '${name}'.`);
    }
  }
}

function onlyFile(command: string, files: readonly string[]): string {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new UsageError(`${command} needs exactly one FILE, but got ${files.length}.`);
  }
  return file;
}

function positive(option: OptionName, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`--${option} needs a number greater than 0, but got '${text}'.`);
}

function graphFormat(format: string | undefined, json: boolean): GraphFormat {
  if (json && format !== undefined && format !== "json") throw new UsageError(`--json and --format ${format} differ.`);
  if (json) return "json";
  if (format === undefined) return "dot";
  if (format === "dot" || format === "svg" || format === "json") return format;
  throw new UsageError(`--format is dot, svg or json, not '${format}'.`);
}
