import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Client } from "./client.ts";

/** What a launch configuration may hold. */
export interface Launch {
  readonly [key: string]: unknown;
  readonly breakpoints?: readonly DebugProtocol.SourceBreakpoint[];
  readonly filters?: readonly string[];
}

const goldenFolder = path.join(import.meta.dirname, "golden");

/** A whole session as a person would follow it, written down as text to be compared with a file that was reviewed. */
export class Transcript {
  client = new Client();
  readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-debug-")));
  readonly program: string;
  #text = "";
  #ended: Promise<unknown> = Promise.resolve();

  constructor(source: string) {
    this.program = path.join(this.folder, "model.ts");
    writeFileSync(this.program, source);
    source.split("\n").forEach((line, i) => {
      this.write(`${String(i + 1).padStart(3)} │ ${line}`);
    });
  }

  /** Another file of the program. */
  addFile(name: string, source: string): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, source);
    return file;
  }

  /** Starts the adapter and the program, and waits for the first stop. */
  async launch({ breakpoints = [], filters = [], ...launch }: Launch = {}): Promise<void> {
    const { client } = this;
    await client.start();
    const initialized = client.waitForEvent("initialized");
    await client.initializeRequest({ adapterID: "gradlens", linesStartAt1: true, columnsStartAt1: true });
    await initialized;
    this.#ended = client.waitForEvent("terminated", 60_000);
    const all = launch["replay"] === undefined ? { program: this.program, ...launch } : launch;
    this.write(`\nlaunch ${JSON.stringify(launch).replaceAll(this.folder, ".")}`);
    await client.launchRequest(all as DebugProtocol.LaunchRequestArguments);
    if (breakpoints.length > 0) await this.setBreakpoints(breakpoints);
    await client.ask("setExceptionBreakpoints", { filters });
    await this.#moved(client.configurationDoneRequest());
  }

  /** The same with another adapter, once the first has ended. */
  async launchAgain(launch: Launch): Promise<void> {
    await this.#disconnect();
    this.client = new Client();
    await this.launch(launch);
  }

  async setBreakpoints(breakpoints: readonly DebugProtocol.SourceBreakpoint[]): Promise<void> {
    const { body } = await this.client.setBreakpointsRequest({
      source: { path: this.program },
      breakpoints: [...breakpoints],
    });
    body.breakpoints.forEach(({ verified, message }, i) => {
      const { line, ...rest } = breakpoints[i] ?? { line: 0 };
      const details = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
      this.write(`breakpoint ${line}${details}: ${verified ? "bound" : (message ?? "")}`);
    });
  }

  /** A request that moves the debugger, and where it stands then. */
  async go(command: string, args: object = {}): Promise<void> {
    this.write(`\n> ${command}${Object.keys(args).length === 0 ? "" : ` ${this.masked(JSON.stringify(args))}`}`);
    await this.#moved(this.client.ask(command, { threadId: 1, ...args }));
  }

  /** The call stack. */
  async where(): Promise<void> {
    const { body } = await this.client.stackTraceRequest({ threadId: 1 });
    for (const { name, source, line, column } of body.stackFrames) {
      this.write(`    ${name}${source === undefined ? "" : ` ${source.name}:${line}:${column}`}`);
    }
  }

  /** A scope of the Variables view, unfolded so deep. */
  async show(scope: string, depth = 0): Promise<void> {
    const { body } = await this.client.scopesRequest({ frameId: 1 });
    const found = body.scopes.find(({ name }) => name === scope);
    this.write(`  [${scope}]${found === undefined ? " is not there" : ""}`);
    if (found !== undefined) await this.#unfold(found.variablesReference, depth, "    ");
  }

  /** An expression, or why it can't be evaluated. */
  async evaluate(expression: string): Promise<void> {
    const said = await this.client
      .ask<{ result: string; type?: string }>("evaluate", { expression, context: "watch", frameId: 1 })
      .then(({ body }) => `${body.result}${body.type === undefined ? "" : `  ${body.type}`}`)
      .catch((error: Error) => `! ${error.message}`);
    this.write(`  ${expression} = ${said}`);
  }

  /** Any request, with its answer. */
  async ask(command: string, args: object = {}): Promise<void> {
    const said = await this.client
      .ask(command, args)
      .then(({ body }) => this.masked(JSON.stringify(body ?? null)))
      .catch((error: Error) => `! ${this.masked(error.message)}`);
    this.write(`${command} ${this.masked(JSON.stringify(args))}\n  ${said}`);
  }

  /** A new value for a row that is shown at the end of a path: scope, row, row … */
  async set(rows: readonly string[], value: string): Promise<void> {
    const { body } = await this.client.scopesRequest({ frameId: 1 });
    const [scope, ...rest] = rows;
    const name = rest.pop() ?? "";
    let reference = body.scopes.find((one) => one.name === scope)?.variablesReference ?? 0;
    for (const row of [...rest, name]) {
      const { body: found } = await this.client.variablesRequest({ variablesReference: reference });
      if (row === name) break;
      reference = found.variables.find((one) => one.name === row)?.variablesReference ?? 0;
    }
    const said = await this.client
      .setVariableRequest({ variablesReference: reference, name, value })
      .then((response) => response.body.value)
      .catch((error: Error) => `! ${error.message}`);
    this.write(`set ${rows.join(" › ")} to ${value}: ${said}`);
  }

  /** What was told of breakpoints without being asked. */
  tellBreakpointEvents(): void {
    for (const message of this.client.messages) {
      if (message.type === "event" && "event" in message && message.event === "breakpoint")
        this.write(`breakpoint event ${this.masked(JSON.stringify(message.body))}`);
    }
  }

  write(line: string): void {
    this.#text += `${line}\n`;
  }

  masked(text: string): string {
    return text.replaceAll(this.folder, ".").replaceAll(/"variablesReference":\d+/g, '"variablesReference":#');
  }

  /** Ends the session; gives everything that was written, and what the program printed. */
  async end(): Promise<string> {
    await this.#disconnect();
    await this.dispose();
    return this.#text;
  }

  async dispose(): Promise<void> {
    await this.client.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #disconnect(): Promise<void> {
    const { client } = this;
    await client.disconnectRequest();
    assert.equal(await client.exited, 0);
    assert.deepEqual(client.complaints, [], "messages that the protocol's schema refuses");
    for (const category of ["stdout", "stderr", "console"]) {
      const text = client.messages
        .flatMap((message) =>
          message.type === "event" && "event" in message && message.event === "output" ? [message] : [],
        )
        .filter(({ body }) => body.category === category)
        .map(({ body }) => String(body.output))
        .join("");
      if (text !== "") this.write(`\n${category}:\n${this.masked(text).trimEnd()}`);
    }
  }

  async #moved(request: Promise<unknown>): Promise<void> {
    const stop = this.client.stopped().catch(() => null);
    await request;
    const first = await Promise.race([stop, this.#ended.then(() => "ended" as const)]);
    if (first === "ended" || first === null) {
      this.write(first === null ? "= still running" : "= the program has ended");
      return;
    }
    const { reason, description, text } = first;
    this.write(`= ${reason}: ${description}${text === undefined ? "" : `\n  ${text}`}`);
    const { body } = await this.client.stackTraceRequest({ threadId: 1, levels: 1 });
    const [top] = body.stackFrames;
    if (top?.source !== undefined) this.write(`  at line ${top.line}, ${top.name}`);
  }

  async #unfold(reference: number, depth: number, indent: string): Promise<void> {
    const { body } = await this.client.variablesRequest({ variablesReference: reference });
    for (const { name, value, variablesReference } of body.variables) {
      this.write(`${indent}${name} = ${this.masked(value)}`);
      if (depth > 0 && variablesReference !== 0) await this.#unfold(variablesReference, depth - 1, `${indent}  `);
    }
  }
}

/** Compares a text with the reviewed one of this name; `UPDATE_GOLDEN=1` writes it instead. */
export function assertGolden(name: string, text: string): void {
  const file = path.join(goldenFolder, `${name}.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(goldenFolder, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.ok(existsSync(file), `${file} is missing: run the test with UPDATE_GOLDEN=1 and review what it writes`);
  assert.equal(text, readFileSync(file, "utf8"));
}
