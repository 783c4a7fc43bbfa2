import type { RecordOptions } from "../../engine/recording/recorderContract.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";

/** Gives a value a name, as `const name = value` in a program does; the line is that of the call, counted from 1. */
export type Name = <T extends object>(name: string, value: T) => T;

/** What a program leaves when it runs here, observed. */
export function recorded(
  program: (name: Name) => void,
  options: RecordOptions = {},
  isProxy?: (value: object) => boolean,
): Recording {
  const recording = new Recording();
  const host = {
    send: (chunk: RecordingChunk) => recording.append(chunk),
    tick: () => undefined,
    ...(isProxy && { isProxy }),
  };
  const recorder = startRecording(host, options);
  let line = 0;
  const name: Name = (text, value) => {
    const id = ++line;
    const row = {
      id,
      name: text,
      file: "/work/model.ts",
      line,
      column: 1,
      assignment: "declare" as const,
      alias: false,
    };
    recorder.addNames(row.file, [row]);
    recording.append({ names: [row] });
    recorder.nameValue(id, value);
    return value;
  };
  try {
    program(name);
  } finally {
    recorder.finish();
  }
  return recording;
}
