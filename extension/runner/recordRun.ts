import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import type { ErrorRow } from "../../engine/recording/schema.ts";
import type { CompileProblem, RunOutcome } from "./outcome.ts";
import type { ConsoleText, FileTable, RunNote } from "./protocol.ts";
import type { Run, Runner, RunRequest } from "./runner.ts";

/** A run and the recording that grows while it goes on. */
export interface RecordedRun {
  readonly run: Run;
  readonly recording: Recording;
  /** Resolves when the recording is complete; never rejects. */
  readonly done: Promise<RunOutcome>;
}

/** A program may print for hours; what it prints after so many characters is shown, and not recorded. */
const recordedText = 4 << 20;

/** Starts a program and gathers everything that is told about it into one recording. */
export function recordRun(runner: Runner, request: RunRequest): RecordedRun {
  const recording = new Recording();
  const run = runner.start(request);
  recording.append({ meta: { file: run.spec.file, startedAt: Date.now() } });
  run.onFile((table) => recording.append(rowsOf(table)));
  run.onChunk((chunk) => recording.append(chunk as RecordingChunk));
  run.onConsole(consoleKeeper(recording));
  run.onNote((note) => recording.append(fromNote(note)));
  const done = run.done.then((outcome) => {
    recording.append(fromOutcome(outcome));
    return outcome;
  });
  return { run, recording, done };
}

function consoleKeeper(recording: Recording): (output: ConsoleText) => void {
  let left = recordedText;
  return ({ stream, text }) => {
    if (left <= 0) return;
    recording.append({ console: [{ stream, text: text.slice(0, left) }] });
    left -= text.length;
  };
}

function rowsOf({ file, sites, names }: FileTable): RecordingChunk {
  return { sites: sites.map((site) => ({ ...site, file })), names: names.map((name) => ({ ...name, file })) };
}

function fromNote(note: RunNote): RecordingChunk {
  return note.kind === "import-cycle" ? { cycles: [{ files: note.files, line: note.line }] } : {};
}

function fromOutcome(outcome: RunOutcome): RecordingChunk {
  const { kind, durationMs } = outcome;
  const meta = { durationMs, outcome: kind, exitCode: kind === "exited" ? outcome.code : null };
  if (kind === "error") return { meta, error: outcome.error };
  return kind === "compile-error" ? { meta, error: compileError(outcome) } : { meta };
}

function compileError({ file, line, column, text }: CompileProblem): ErrorRow {
  return { name: "SyntaxError", message: text, file, line, column, stack: [] };
}
