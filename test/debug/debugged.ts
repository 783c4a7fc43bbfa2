import { type DebugCommand, noStops, type StopTable } from "../../engine/recording/debugging/debugContract.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";

/** Records some work as the debugger has it recorded, values kept, without stopping anywhere. */
export function debugged(
  work: (name: (id: number, value: object) => void) => void,
  table: Partial<StopTable> | null = {},
  called: readonly string[] = ["w", "v", "big", "net"],
): Recording {
  const recording = new Recording();
  const go: DebugCommand = { kind: "go", table: { ...noStops, keepValues: true, ...table } };
  const recorder = startRecording(
    {
      send: (chunk: RecordingChunk) => recording.append(chunk),
      tick: () => undefined,
      ...(table === null ? {} : { debugLine: { isWanted: () => false, exchange: () => go, stack: () => [] } }),
    },
    undefined,
  );
  const names = called.map((name, id) => ({
    id,
    name,
    line: id + 1,
    column: 1,
    assignment: "declare" as const,
    alias: false,
  }));
  recording.append({ names: names.map((row) => ({ ...row, file: "/model.ts" })) });
  try {
    recorder.addNames("/model.ts", names);
    work((id, value) => recorder.nameValue(id, value));
  } finally {
    recorder.finish();
  }
  return recording;
}
