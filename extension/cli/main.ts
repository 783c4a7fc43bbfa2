import process from "node:process";
import { parseCommand, UsageError, usage } from "./arguments.ts";
import { checkFiles } from "./check.ts";
import { graphFile } from "./graph.ts";
import { runFile } from "./run.ts";
import { Terminal } from "./terminal.ts";

/** Exit codes: 0 fine, 1 the model has errors or a gradcheck failed, 2 the command was called wrongly. */
async function main(): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  try {
    const command = parseCommand(process.argv.slice(2));
    switch (command.name) {
      case "help":
        terminal.print(usage);
        return 0;
      case "run":
        return await runFile(command, terminal);
      case "graph":
        return await graphFile(command, terminal);
      case "check":
        return await checkFiles(command, terminal);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.complain(`${error.message}\n\nTry: gradlens --help`);
    return 2;
  }
}

process.exitCode = await main();
