import path from "node:path";
import { pathToFileURL } from "node:url";
import { workerData } from "node:worker_threads";
import { keepCompiledCode, writeCompiledCode } from "./compileCache.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./protocol.ts";
import type { RecorderModule } from "./recorderContract.ts";
import { createAsk, createReport } from "./worker/askBroker.ts";
import { namesOf } from "./worker/engineNames.ts";
import { ProgramRun, type WorkerParts } from "./worker/programRun.ts";

/** The thread that runs the user's code and the engine. It gets ready, waits for one program, runs it and ends. */
keepCompiledCode();
const parts = await prepare(workerData as WorkerStart);
let program: ProgramRun | null = null;

parts.events.on("message", (message: ToWorker) => {
  if (message.kind === "stop") {
    program?.stop();
    return;
  }
  // From here on only the user's program keeps the thread alive.
  parts.events.unref();
  program = new ProgramRun(message.run, parts);
  program.start();
});
parts.events.postMessage({ kind: "ready" } satisfies FromWorker);
writeCompiledCode();

async function prepare(start: WorkerStart): Promise<WorkerParts> {
  const flags = new Int32Array(start.control);
  const engineUrl = pathToFileURL(start.enginePath).href;
  const [recorderModule, engine] = await Promise.all([importRecorder(start.recorderPath), importEngine(engineUrl)]);
  const runnerFolder = folderOf(start.workerPath);
  return {
    events: start.events,
    ask: createAsk(start.questions, flags),
    report: createReport(start.events, start.questions, flags),
    flags,
    recorderModule,
    engineUrl,
    engineNames: namesOf(engine),
    ownFolders: [folderOf(start.enginePath), folderOf(start.recorderPath), runnerFolder],
    // Bundled, the runner is one file beside the engine's; from source, it has a folder of its own.
    isRunner: (file) =>
      file === start.workerPath || (start.workerPath.endsWith(".ts") && file.startsWith(runnerFolder)),
  };
}

async function importEngine(url: string): Promise<object> {
  return import(url);
}

async function importRecorder(file: string): Promise<RecorderModule> {
  const module: unknown = await import(pathToFileURL(file).href);
  if (typeof module !== "object" || module === null || !("startRecording" in module)) {
    throw new Error(`${file} does not export startRecording`);
  }
  return module as RecorderModule;
}

function folderOf(file: string): string {
  return path.dirname(file) + path.sep;
}
