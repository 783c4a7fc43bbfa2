import { readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { parseCommand, UsageError, usage } from "./arguments.ts";
import { checkFiles } from "./check.ts";
import { debugFile } from "./debug.ts";
import { graphFile } from "./graph.ts";
import { profileFile } from "./profile.ts";
import { reportFile } from "./report.ts";
import { runFile } from "./run.ts";
import { Terminal } from "./terminal.ts";

/** Does what the command line asks for and gives the exit code. `home` is the folder of the program's first file. */
export async function runCommand(home: string): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  try {
    const command = parseCommand(process.argv.slice(2));
    switch (command.name) {
      case "help":
        terminal.print(usage);
        return 0;
      case "version":
        terminal.print(await version(home));
        return 0;
      case "run":
        return await runFile(command, terminal, home);
      case "debug":
        return await debugFile(command, terminal, home);
      case "graph":
        return await graphFile(command, terminal, home);
      case "profile":
        return await profileFile(command, terminal, home);
      case "report":
        return await reportFile(command, terminal, home);
      case "check":
        return await checkFiles(command, terminal, home);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.complain(`${error.message}\n\nTry: gradlens --help`);
    return 2;
  }
}

async function version(home: string): Promise<string> {
  const folder = path.basename(home) === "dist" ? path.dirname(home) : path.resolve(home, "..", "..");
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? `${manifest.version}` : "";
}
