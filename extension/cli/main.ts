#!/usr/bin/env node
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { keepCompiledCode } from "../runner/compileCache.ts";
import { nodeThatFits, startAgainUnder, whatIsNeeded } from "./nodeVersion.ts";

/**
 * The program `gradlens`. This file and what it imports run on any Node since 18; the rest is loaded only where the running Node can
 * load a model file. Exit codes: 0 fine, 1 the model has errors or a gradcheck failed, 2 the command was called wrongly.
 */
async function main(): Promise<number> {
  const node = nodeThatFits();
  if (node === "this one") {
    keepCompiledCode();
    const { runCommand } = await import("./commands.ts");
    return runCommand(path.dirname(fileURLToPath(import.meta.url)));
  }
  if (node !== null) return startAgainUnder(node);
  process.stderr.write(`${whatIsNeeded()}\n`);
  return 2;
}

process.exitCode = await main();
