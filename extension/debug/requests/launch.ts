import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "../requestError.ts";
import type { LaunchOptions } from "../session/session.ts";
import { stopOnKinds } from "../session/stops.ts";
import type { Handler } from "./handler.ts";

/** A launch configuration, as clients send it: anything may stand in it. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  readonly program?: unknown;
  readonly args?: unknown;
  readonly cwd?: unknown;
  readonly env?: unknown;
  readonly stopOnEntry?: unknown;
  readonly stopOn?: unknown;
  readonly record?: unknown;
  readonly replay?: unknown;
  readonly timeout?: unknown;
  readonly memory?: unknown;
  readonly handOver?: unknown;
  readonly javascript?: unknown;
}

export const launch: Handler<LaunchArguments, undefined> = {
  answer: async (adapter, args) => {
    await adapter.launch(readOptions(args));
    return undefined;
  },
};

function readOptions(args: LaunchArguments): LaunchOptions {
  const cwd = textOf(args.cwd, "cwd");
  const base = cwd ?? process.cwd();
  const replay = existing(textOf(args.replay, "replay"), "replay", base);
  const program = existing(textOf(args.program, "program"), "program", base);
  if (program === null && replay === null) {
    throw new RequestError("The launch configuration needs a 'program', the model file to debug, or a 'replay'.", true);
  }
  if (cwd !== null && !isFolder(cwd)) throw new RequestError(`'cwd': there is no folder ${cwd}.`, true);
  const record = textOf(args.record, "record");
  return {
    program: program ?? "",
    args: textsOf(args.args, "args"),
    cwd,
    env: environmentOf(args.env),
    stopOnEntry: args.stopOnEntry === true,
    stopOn: textsOf(args.stopOn, "stopOn").map(knownStop),
    record: record === null ? null : path.resolve(base, record),
    replay,
    javascript: args.javascript === true && replay === null,
    handOver: textOf(args.handOver, "handOver"),
    limits: { timeoutMs: 1000 * numberOf(args.timeout, "timeout"), ...memoryLimit(numberOf(args.memory, "memory")) },
  };
}

function textOf(value: unknown, name: string): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new RequestError(`'${name}' must be text.`, true);
  return value;
}

function textsOf(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((one) => typeof one === "string")) throw new RequestError(`'${name}' must be a list of texts.`, true);
  return list;
}

/** 0 when left out. */
function numberOf(value: unknown, name: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && value >= 0) return value;
  throw new RequestError(`'${name}' must be a number, and not below 0.`, true);
}

/** 0 leaves the choice to the runner. */
function memoryLimit(memoryMb: number): { memoryMb?: number } {
  return memoryMb === 0 ? {} : { memoryMb };
}

function environmentOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object") throw new RequestError("'env' must be an object.", true);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]));
}

function existing(file: string | null, name: string, base: string): string | null {
  if (file === null) return null;
  const whole = path.resolve(base, file);
  if (!existsSync(whole)) throw new RequestError(`'${name}': there is no file ${whole}.`, true);
  if (isFolder(whole)) throw new RequestError(`'${name}': ${whole} is a folder.`, true);
  return whole;
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function knownStop(what: string): string {
  if (what === "end" || Object.hasOwn(stopOnKinds, what)) return what;
  const known = [...Object.keys(stopOnKinds), "end"].join(", ");
  throw new RequestError(`'stopOn': '${what}' is not known. Known are ${known}.`, true);
}
