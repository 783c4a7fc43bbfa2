import type { RunNote } from "./protocol.ts";

/** One plain sentence for people. What concerns a line of the program starts with its place. */
export function describeNote(note: RunNote): string {
  switch (note.kind) {
    case "import-cycle":
      return `These files import each other in a circle: ${note.files.join(" → ")}`;
    case "timers-left":
      return `The run was ended although ${note.count} timers were left, which did nothing for ${note.quietMs / 1000} s.`;
    case "compile-warning":
      return `${note.problem.file}:${note.problem.line}: ${note.problem.text}`;
    case "bad-tsconfig":
    case "not-instrumented":
      return `${note.file}: ${note.text}`;
    case "recorder-failed":
      return `The recording is not whole: ${note.text}`;
  }
}
