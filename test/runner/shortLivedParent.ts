import { makeRunner, startProgram } from "./programs.ts";

/** Starts an endless program, says which process runs it and where, and waits to be killed. */
const runner = makeRunner();
const observed = startProgram(runner, { "main.ts": "console.log('up'); for (;;);" });
await observed.printed("up");
process.send?.({ pid: runner.childPid, folder: observed.project.folder });
setInterval(() => undefined, 1000);
