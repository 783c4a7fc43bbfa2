import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { complaintsAbout } from "./protocolSchema.ts";

type Message = DebugProtocol.Request | DebugProtocol.Response | DebugProtocol.Event;

const adapterProgram = path.resolve(import.meta.dirname, "../../extension/debug/main.ts");

/** A client of the adapter as a program, which looks at every message that goes by. */
export class Client extends DebugClient {
  /** Every message in both directions, in order. */
  readonly messages: Message[] = [];
  /** What the protocol's schema has against anything that the adapter said. */
  readonly complaints: string[] = [];
  readonly #program: string;
  #child: ChildProcess | null = null;

  /** Of the sources, unless another program is named. */
  constructor(program = adapterProgram) {
    super(process.execPath, program, "gradlens", undefined, true);
    this.#program = program;
    // How long a busy machine may keep a process waiting; what the adapter itself may take, tests measure.
    this.defaultTimeout = 60_000;
  }

  override start(): Promise<void> {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", this.#program], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_OPTIONS: undefined },
    });
    this.#child = child;
    this.connect(child.stdout, child.stdin);
    return Promise.resolve();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves with the exit code when the adapter's process is gone. */
  get exited(): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? 0);
    return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  }

  /** Ends the session, and the process if it does not end by itself. */
  override async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    const exited = this.exited;
    child.stdin?.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(timer);
  }

  /** The next stop. */
  async stopped(): Promise<DebugProtocol.StoppedEvent["body"]> {
    const event = await this.waitForEvent("stopped");
    return (event as DebugProtocol.StoppedEvent).body;
  }

  /** Does something that moves the debugger, and waits for the next stop. */
  async moved(request: Promise<unknown>): Promise<DebugProtocol.StoppedEvent["body"]> {
    const [stop] = await Promise.all([this.stopped(), request]);
    return stop;
  }

  /** Answers a request of the adapter: that it was done. */
  respond(requestSeq: number, command: string): void {
    const response = { seq: 0, type: "response", request_seq: requestSeq, success: true, command };
    const text = JSON.stringify(response);
    this.#child?.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  /** A request of any name. */
  ask<Body = unknown>(command: string, args: object = {}): Promise<{ body: Body }> {
    return this.customRequest(command, args) as Promise<unknown> as Promise<{ body: Body }>;
  }

  protected override connect(readable: Readable, writable: Writable): void {
    watch(readable, (message) => {
      this.messages.push(message);
      this.complaints.push(...complaintsAbout(message));
    });
    super.connect(readable, writable);
    const write = writable.write.bind(writable) as (chunk: string, encoding: "utf8") => boolean;
    const watched = (chunk: string): boolean => {
      this.messages.push(JSON.parse(chunk.slice(chunk.indexOf("{"))) as Message);
      return write(chunk, "utf8");
    };
    Object.assign(writable, { write: watched });
  }
}

/** Calls back for every message in a stream. */
function watch(readable: Readable, onMessage: (message: Message) => void): void {
  let data = Buffer.alloc(0);
  readable.on("data", (chunk: Buffer) => {
    data = Buffer.concat([data, chunk]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(data.toString("latin1", 0, 64));
      if (header === null) return;
      const start = header[0].length;
      const end = start + Number(header[1]);
      if (data.length < end) return;
      onMessage(JSON.parse(data.toString("utf8", start, end)) as Message);
      data = data.subarray(end);
    }
  });
}
