import path from "node:path";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { adapterPaths } from "../debug/adapterPaths.ts";
import { Evaluator } from "../debug/evaluator/evaluator.ts";
import { GradientSession } from "../debug/session/session.ts";
import type { DebugCommand } from "./arguments.ts";
import { CommandError, commands, perform } from "./debugger/commands.ts";
import { TerminalDebugger } from "./debugger/terminalDebugger.ts";
import { expectFile, limitsOf, withRunner } from "./execute.ts";
import type { Terminal } from "./terminal.ts";

const prompt = "(gradlens) ";

/** `gradlens debug FILE`: stepping through a program, or through a recording, forward and back, by commands. */
export async function debugFile(command: DebugCommand, terminal: Terminal, home: string): Promise<number> {
  await expectFile(command.file);
  const paths = adapterPaths(home);
  const evaluator = new Evaluator(paths.evaluatorPath, paths.evaluator);
  try {
    return await withRunner(home, async (ownRunner) => {
      const debug = new TerminalDebugger(terminal, command.json);
      const begin = (): Promise<void> =>
        debug.begin(new GradientSession(optionsOf(command), { runner: ownRunner, evaluator, listener: debug }));
      await begin();
      await converse(debug, begin);
      await debug.end();
      return debug.exitCode === 0 ? 0 : 1;
    });
  } finally {
    evaluator.dispose();
  }
}

function optionsOf(command: DebugCommand) {
  const file = path.resolve(command.file);
  const isRecording = file.endsWith(".gradlens");
  return {
    program: isRecording ? "" : file,
    replay: isRecording ? file : null,
    args: [],
    cwd: process.cwd(),
    env: {},
    stopOnEntry: true,
    stopOn: ["end"],
    record: command.save,
    handOver: null,
    javascript: false,
    limits: limitsOf(command),
  };
}

/** Reads commands until the user has enough, or there are no more. */
async function converse(debug: TerminalDebugger, restart: () => Promise<void>): Promise<void> {
  const isInteractive = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isInteractive ? { output: process.stdout, prompt, completer: complete } : {}),
  });
  const interrupt = (): void => void (debug.session.stopped === null ? debug.session.pause() : lines.close());
  lines.on("SIGINT", interrupt);
  process.on("SIGINT", interrupt);
  try {
    await readCommands(lines, { debug, restart, isInteractive });
  } finally {
    process.off("SIGINT", interrupt);
    lines.close();
  }
}

async function readCommands(
  lines: Interface,
  {
    debug,
    restart,
    isInteractive,
  }: { readonly debug: TerminalDebugger; readonly restart: () => Promise<void>; readonly isInteractive: boolean },
): Promise<void> {
  let last = "";
  if (isInteractive) lines.prompt();
  for await (const typed of lines) {
    // An empty line does the last command once more, as in other debuggers.
    const line = typed.trim() === "" && isInteractive ? last : typed.trim();
    last = line;
    if (line === "quit" || line === "q") return;
    await obey(debug, line, restart);
    if (isInteractive) lines.prompt();
  }
}

async function obey(debug: TerminalDebugger, line: string, restart: () => Promise<void>): Promise<void> {
  if (line === "" || line.startsWith("#")) return;
  try {
    if (line === "help" || line === "h") debug.answer({ kind: "help", text: help() });
    else if (line === "restart") {
      await debug.end();
      await restart();
    } else if (debug.exitCode !== null) throw new CommandError("The program has ended. Try restart, or quit.");
    else await perform(debug, line);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    debug.answer({ kind: "error", text: debug.terminal.style("red", error.message), message: error.message });
  }
}

function help(): string {
  const rows = [
    ...commands.map(({ names, takes, does }) => ({ left: `${names.join(", ")} ${takes}`.trim(), does })),
    { left: "restart", does: "run the program from the beginning" },
    { left: "quit, q", does: "end" },
  ];
  return rows
    .map(({ left, does }) => (left.length > 30 ? `  ${left}\n${" ".repeat(34)}${does}` : `  ${left.padEnd(32)}${does}`))
    .join("\n");
}

function complete(typed: string): [string[], string] {
  const all = [...commands.flatMap(({ names }) => names.slice(0, 1)), "restart", "quit", "help"];
  return [all.filter((name) => name.startsWith(typed)), typed];
}
