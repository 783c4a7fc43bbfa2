import { site } from "../../engine/autograd/sites.ts";
import { Recording } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import type { ErrorRow } from "../../engine/recording/schema.ts";
import { RunResult } from "../../extension/results/runResult.ts";
import type { RunOutcome } from "../../extension/runner/outcome.ts";

/** Gives a value a name at a line of the model, as the loader does for `const name = …`. */
export type NameValue = <T extends object>(line: number, name: string, value: () => T) => T;

export const modelFile = "/models/model.ts";

/** Records what a program does with the engine, as if it stood in a file. */
export function recordingOf(program: (named: NameValue) => void, file = modelFile): Recording {
  const recording = new Recording();
  recording.append({ meta: { file, startedAt: 0, durationMs: 1, outcome: "ok" } });
  const recorder = startRecording({ send: (chunk) => recording.append(chunk), tick: () => {} }, undefined);
  const ids = new Map<string, number>();
  const named: NameValue = (line, name, value) => {
    const key = `${line} ${name}`;
    const id = ids.get(key) ?? ids.size + 1;
    if (!ids.has(key)) {
      ids.set(key, id);
      const row = { id, name, line, column: 7, assignment: "declare" as const, alias: false };
      recording.append({
        sites: [{ id, file, line, column: 11, endLine: null, endColumn: null, functionName: null }],
        names: [{ ...row, file }],
      });
      recorder.addNames(file, [row]);
    }
    site.current = id;
    const made = value();
    recorder.nameValue(id, made);
    site.current = 0;
    return made;
  };
  try {
    program(named);
  } finally {
    recorder.finish();
    site.current = 0;
  }
  return recording;
}

const totals = { durationMs: 1, console: { bytes: 0, droppedBytes: 0 } };
export const ok: RunOutcome = { kind: "ok", ...totals };
export const stopped: RunOutcome = { kind: "stopped", reason: "asked", ...totals };

/** A run that ended with an error at a line. */
export function failedResult(program: (named: NameValue) => void, error: Partial<ErrorRow> = {}): RunResult {
  const recording = recordingOf(program);
  const row: ErrorRow = { name: "Error", message: "no", file: modelFile, line: 3, column: 5, stack: [], ...error };
  recording.append({ error: row, meta: { outcome: "error" } });
  return new RunResult(recording, { kind: "error", error: { ...row, cause: null }, origin: "main", ...totals });
}

/** A run that went well. */
export function goodResult(program: (named: NameValue) => void, texts?: ReadonlyMap<string, string>): RunResult {
  return new RunResult(recordingOf(program), ok, texts);
}
