import { parseArgs } from "node:util";
import { nearest } from "../../engine/base/errors.ts";

/** The command was called wrongly. The message says what to do instead. */
export class UsageError extends Error {}

/** What every command that runs a program takes. */
export interface CommonOptions {
  readonly json: boolean;
  readonly save: string | null;
  readonly timeoutMs: number;
  readonly memoryMb: number | null;
}

export type Command =
  | { readonly name: "help" }
  | ({ readonly name: "run"; readonly file: string; readonly all: boolean } & CommonOptions)
  | ({ readonly name: "graph"; readonly file: string; readonly format: "dot" | "svg" | "json" } & CommonOptions)
  | ({ readonly name: "check"; readonly files: readonly string[]; readonly junit: string | null; readonly sarif: string | null } & CommonOptions);

export const usage = `gradlens: gradients of TypeScript models, from the terminal

  gradlens run FILE        run a model; show its tensors, gradients and alerts
  gradlens check FILES…    run models and report all their gradchecks
  gradlens graph FILE      the autograd graph of a run (--format dot|svg|json)

  --json             one JSON object instead of text
  --all              run: every tensor, not only those with a name
  --save F.gradlens  keep the recording, to open it in VS Code
  --timeout S        stop the run after S seconds
  --max-memory MB    stop the run when it holds more
  --junit F          check: results for CI in JUnit's format
  --sarif F          check: results for code scanning in SARIF

Exit code: 0 fine, 1 the model has errors or a gradcheck failed, 2 wrong usage.`;

const OPTIONS = {
  json: { type: "boolean" },
  all: { type: "boolean" },
  save: { type: "string" },
  timeout: { type: "string" },
  "max-memory": { type: "string" },
  format: { type: "string" },
  junit: { type: "string" },
  sarif: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = ["run", "check", "graph"];

/** Reads the command line. Throws UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...files] = positionals;
  if (values.help === true || name === undefined || name === "help") return { name: "help" };
  const common: CommonOptions = {
    json: values.json ?? false,
    save: values.save ?? null,
    timeoutMs: 1000 * (positive("--timeout", values.timeout) ?? 0),
    memoryMb: positive("--max-memory", values["max-memory"]),
  };
  switch (name) {
    case "run":
      return { name, file: onlyFile(name, files), all: values.all ?? false, ...common };
    case "graph":
      return { name, file: onlyFile(name, files), format: graphFormat(values.format), ...common };
    case "check":
      if (files.length === 0) throw new UsageError("check needs at least one FILE.");
      return { name, files, junit: values.junit ?? null, sarif: values.sarif ?? null, ...common };
  }
  const guess = nearest(name, COMMANDS);
  throw new UsageError(`There is no command '${name}'.${guess === null ? "" : ` Did you mean '${guess}'?`}`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const unknown = /Unknown option '(--?[\w-]+)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new UsageError((error as Error).message);
    const guess = nearest(
      unknown,
      Object.keys(OPTIONS).map((option) => `--${option}`),
    );
    throw new UsageError(`There is no option ${unknown}.${guess === null ? "" : ` Did you mean ${guess}?`}`);
  }
}

function onlyFile(command: string, files: readonly string[]): string {
  if (files.length !== 1) throw new UsageError(`${command} needs exactly one FILE, but got ${files.length}.`);
  return files[0] as string;
}

function positive(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${option} needs a number greater than 0, but got '${text}'.`);
  return value;
}

function graphFormat(format: string | undefined): "dot" | "svg" | "json" {
  if (format === undefined) return "dot";
  if (format === "dot" || format === "svg" || format === "json") return format;
  throw new UsageError(`--format is dot, svg or json, not '${format}'.`);
}
