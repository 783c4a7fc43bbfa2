import { type ChildProcess, spawn } from "node:child_process";
import type { ChildDeath } from "./crash.ts";
import { cleanEnvironment } from "./environment.ts";
import { hasProcessGroups, killTree } from "./processTree.ts";
import { type BrokerOptions, type FromBroker, protocolVersion, type ToBroker } from "./protocol.ts";

/** How to start a child. */
export interface ChildOptions {
  /** Node, or a program that is Node when `ELECTRON_RUN_AS_NODE` is set. */
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly brokerPath: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether a debugger for JavaScript is attached to it before it does anything. */
  readonly isInspected: boolean;
  readonly broker: BrokerOptions;
}

/** What a child reports. */
export interface ChildListener {
  onMessage(message: Exclude<FromBroker, { kind: "inspector" }>): void;
  /** Text that did not come through `console`: native code, `fs.writeSync(1, …)`, the last words of a crash. */
  onText(stream: "stdout" | "stderr", text: string): void;
  /** Where a debugger for JavaScript can be attached; only of a child that was started to be inspected. */
  onInspector(url: string): void;
  /** The last call. */
  onDeath(death: ChildDeath): void;
}

const startMs = 30_000;
const heartbeatMs = 1000;
/**
 * No program can hold up the child's main thread, and a user who stops one waits for nobody: this is for a process that hangs, and has to
 * leave alone one that got no processor for some seconds.
 */
const missesAllowed = 10;
const stderrLines = 40;

/** What Node says about its inspector is for us and not for the user. */
const inspectorTalk = /^(Debugger (listening on|ending on|attached)|For help, see: |Waiting for the debugger).*\r?\n/gm;

/** The process that runs programs: started, watched and ended here. */
export class Child {
  readonly ready: Promise<void>;
  readonly #listener: ChildListener;
  readonly #process: ChildProcess;
  readonly #watch: NodeJS.Timeout;
  readonly #isInspected: boolean;
  #isReady = false;
  #ticksLeft = startMs / heartbeatMs;
  #stderr = "";
  #reason: string | null = null;
  #isDead = false;
  #setReady: () => void = () => undefined;

  constructor(options: ChildOptions, listener: ChildListener) {
    this.#listener = listener;
    this.#isInspected = options.isInspected;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.#process = startProcess(options);
    this.#process.on("message", (message) => this.#receive(message as FromBroker));
    this.#process.on("error", (error) =>
      this.#onDeath(null, null, `The program ${options.execPath} could not be started: ${error.message}`),
    );
    this.#process.on("exit", (code, signal) => this.#onExit(code, signal));
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => listener.onText("stdout", text));
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => this.#onStderr(text));
    this.#watch = setInterval(() => this.#countMiss(), heartbeatMs);
    this.#watch.unref();
  }

  get isAlive(): boolean {
    return !this.#isDead;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(message: ToBroker): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** Ends the process at once. `reason` is what a person should read about it. */
  kill(reason: string | null): void {
    this.#reason ??= reason;
    if (this.#process.pid !== undefined) killTree(this.#process.pid);
  }

  #receive(message: FromBroker): void {
    this.#ticksLeft = missesAllowed;
    if (message.kind === "ready") {
      if (message.version !== protocolVersion) {
        this.kill(
          `The runner speaks version ${message.version} where ${protocolVersion} is needed. Reinstall the extension.`,
        );
        return;
      }
      this.#isReady = true;
      this.#setReady();
    }
    if (message.kind === "inspector") this.#listener.onInspector(message.url);
    else this.#listener.onMessage(message);
  }

  /** Counts our own ticks and not the clock, so that a laptop that slept, or a parent that was busy, harms nobody. */
  #countMiss(): void {
    // Whoever inspects it may have paused it.
    if (this.#isInspected) return;
    this.#ticksLeft -= 1;
    if (this.#ticksLeft > 0) return;
    this.kill(
      this.#isReady
        ? "The program's process stopped answering and was ended."
        : "The program's process did not start in time.",
    );
  }

  #onStderr(told: string): void {
    const text = this.#isInspected ? told.replace(inspectorTalk, "") : told;
    this.#stderr = (this.#stderr + text).slice(-10_000);
    if (text !== "") this.#listener.onText("stderr", text);
  }

  #onExit(code: number | null, signal: string | null): void {
    // Programs that the user's code started would hold our pipes open.
    if (this.#process.pid !== undefined && hasProcessGroups) killTree(this.#process.pid);
    // The last words may still be in the pipe.
    const timer = setTimeout(() => this.#onDeath(code, signal, this.#reason), 100);
    this.#process.once("close", () => {
      clearTimeout(timer);
      this.#onDeath(code, signal, this.#reason);
    });
  }

  #onDeath(code: number | null, signal: string | null, reason: string | null): void {
    if (this.#isDead) return;
    this.#isDead = true;
    clearInterval(this.#watch);
    this.#setReady();
    const lines = this.#stderr.split("\n").filter(Boolean).slice(-stderrLines);
    const stderr = lines.map((line) => line.slice(0, 300));
    this.#listener.onDeath({ code, signal, stderr, reason, wasReady: this.#isReady });
  }
}

function startProcess({
  execPath,
  execArgv,
  brokerPath,
  environment,
  isInspected,
  broker,
}: ChildOptions): ChildProcess {
  const runsElectron = process.versions["electron"] !== undefined && execPath === process.execPath;
  // On this machine alone, at a port that is free.
  const inspect = isInspected ? ["--inspect=127.0.0.1:0"] : [];
  return spawn(execPath, [...execArgv, ...inspect, brokerPath, JSON.stringify(broker)], {
    env: cleanEnvironment(environment, runsElectron),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
    detached: hasProcessGroups,
    windowsHide: true,
  });
}
