import inspector from "node:inspector";
import { BrokerRun } from "./broker/brokerRun.ts";
import { WorkerSlot } from "./broker/workerSlot.ts";
import { Compiler } from "./compile/compile.ts";
import { startEsbuild } from "./compile/transpile.ts";
import { whyUnfit } from "./nodeVersion.ts";
import { type BrokerOptions, type FromBroker, protocolVersion, type RunSpec, type ToBroker } from "./protocol.ts";

/** The child's main thread. It never runs the user's code, so it can always answer, and end what does not. */
class Broker {
  readonly #options: BrokerOptions;
  readonly #compiler: Compiler;
  readonly #ownFolder = process.cwd();
  #spare: WorkerSlot;
  #run: { readonly id: number; readonly run: BrokerRun } | null = null;

  constructor(options: BrokerOptions) {
    this.#options = options;
    // The thread takes longest to get ready, so it is started first.
    this.#spare = new WorkerSlot(options, options.memoryMb);
    this.#compiler = new Compiler(startEsbuild(options.esbuildPath), { withMaps: inspector.url() !== undefined });
  }

  receive(message: ToBroker): void {
    if (message.kind === "run") this.#start(message.run);
    else if (this.#run?.id !== message.runId) return;
    else if (message.kind === "stop") this.#run.run.interrupt({ kind: "stopped", reason: "asked" });
    else if (message.kind === "debug") this.#run.run.answer(message.command);
    else this.#run.run.attend();
  }

  #start(spec: RunSpec): void {
    const slot = this.#takeSlot(spec.limits.memoryMb);
    const run = new BrokerRun(spec, {
      slot,
      compiler: this.#compiler,
      tell,
      onEnd: (broken) => {
        this.#run = null;
        // Windows keeps a folder that a process works in from being moved or deleted.
        changeFolder(this.#ownFolder);
        if (!broken) this.#spare = new WorkerSlot(this.#options, spec.limits.memoryMb);
      },
    });
    this.#run = { id: spec.runId, run };
    changeFolder(spec.cwd);
    run.start();
  }

  #takeSlot(memoryMb: number): WorkerSlot {
    const spare = this.#spare;
    if (spare.isAlive && spare.memoryMb === memoryMb) return spare;
    spare.terminate();
    return new WorkerSlot(this.#options, memoryMb);
  }
}

/** Threads have no working folder of their own. One that is gone is the program's to find out. */
function changeFolder(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    // Stay where we are.
  }
}

function tell(message: FromBroker, written?: () => void): void {
  if (process.connected) process.send?.(message, undefined, {}, () => written?.());
}

/** Leaves at once, also when a thread hangs in native code, and takes the programs with it that the user's code started. */
function leave(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}

// Threads that start from here on wait for the debugger, which sets its breakpoints first. It is told of now, because one
// that came earlier would let go on what does not wait yet.
const inspectorUrl = inspector.url();
if (inspectorUrl !== undefined) {
  tell({ kind: "inspector", url: inspectorUrl });
  inspector.waitForDebugger();
}

const unfit = whyUnfit(process.version);
if (unfit !== null) throw new Error(unfit);

// It made this process a Node; programs that the user's code starts decide for themselves.
delete process.env["ELECTRON_RUN_AS_NODE"];
const broker = new Broker(JSON.parse(process.argv[2] ?? "{}") as BrokerOptions);
process.on("message", (message) => broker.receive(message as ToBroker));
process.on("disconnect", leave);
setInterval(() => tell({ kind: "heartbeat", rssBytes: process.memoryUsage.rss() }), 1000);
tell({ kind: "ready", version: protocolVersion, pid: process.pid, node: process.version });
