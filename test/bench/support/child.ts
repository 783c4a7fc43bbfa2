import { execFile } from "node:child_process";

/** Runs a program that prints one JSON object on its last line, and gives that. */
export async function measureInChild<Result>(
  program: string,
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  timeoutMs = 120_000,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { env: { ...process.env, ...environment }, timeout: timeoutMs, maxBuffer: 1 << 26 };
  execFile(program, programArguments, options, (error, stdout, stderr) => {
    if (error) reject(new Error(lastLines(stderr) || error.message));
    else resolve(stdout);
  });
  const last = (await promise).trimEnd().split("\n").at(-1) ?? "";
  const result: Result = JSON.parse(last);
  return result;
}

function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) => /\S/.test(line) && !/^\s+at |^Node\.js/.test(line));
  return lines.slice(-3).join(" ").slice(-300);
}
