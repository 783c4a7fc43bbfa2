// The worker thread that profiles are worked out in: the extension host only passes on what comes and goes.

import { parentPort } from "node:worker_threads";
import { Recording } from "../../engine/recording/recording.ts";
import { ProfileAnswers } from "./profileAnswers.ts";
import type { FromProfileWorker, ProfileQuestions, QuestionName, ToProfileWorker } from "./profileQuestions.ts";
import { readTraceFile } from "./readTraceFile.ts";
import { writeParts } from "./writeParts.ts";

/** A recording that may still grow, and what is known of it so far. */
interface Subject {
  readonly recording: Recording | null;
  answers: ProfileAnswers | null;
}

const subjects = new Map<number, Subject>();

type Handlers = {
  readonly [K in QuestionName]: (...args: Parameters<ProfileQuestions[K]>) => ReturnType<ProfileQuestions[K]>;
};

const handlers: Handlers = {
  timeline: (subject) => answersOf(subject).packedTimeline(),
  merged: (subject) => answersOf(subject).merged(),
  sandwich: (subject, name) => answersOf(subject).sandwich(name),
  ops: (subject, grouping) => answersOf(subject).ops(grouping),
  modules: (subject) => answersOf(subject).modules(),
  lines: (subject) => answersOf(subject).lines(),
  memory: (subject) => answersOf(subject).memory(),
  training: (subject) => answersOf(subject).training(),
  comparison: (subject, earlier, label) => answersOf(subject).comparison(answersOf(earlier), label),
  file: (subject, format, file, facts) => writeParts(file, answersOf(subject).parts(format, facts)),
  trace: (subject, file) => {
    const { timeline, problems } = readTraceFile(file);
    subjects.set(subject, { recording: null, answers: new ProfileAnswers(null, timeline) });
    return { durationMs: timeline.finish - timeline.begin, problems };
  },
};

parentPort?.on("message", (message: ToProfileWorker) => {
  if (message.kind === "append") append(message.subject, message);
  else if (message.kind === "forget") subjects.delete(message.subject);
  else answer(message);
});

function append(subject: number, { lists, tables }: Extract<ToProfileWorker, { kind: "append" }>): void {
  const known = subjects.get(subject) ?? { recording: new Recording(), answers: null };
  known.recording?.append(lists);
  known.recording?.adopt(tables);
  known.answers = null;
  subjects.set(subject, known);
}

function answersOf(subject: number): ProfileAnswers {
  const known = subjects.get(subject);
  if (known === undefined) throw new Error("This run is not there any more.");
  known.answers ??= new ProfileAnswers(known.recording, null);
  return known.answers;
}

function answer({ id, question, args }: Extract<ToProfileWorker, { kind: "ask" }>): void {
  try {
    const value = (handlers[question] as (...given: readonly unknown[]) => unknown)(...args);
    post({ kind: "answer", id, value }, buffersIn(value));
  } catch (error) {
    post({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) }, []);
  }
}

function post(message: FromProfileWorker, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}

/** The columns were made for this answer alone, so they go over without a copy. */
function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  for (const part of typeof value === "object" && value !== null ? Object.values(value) : []) {
    if (!ArrayBuffer.isView(part)) {
      if (!Array.isArray(part) || typeof part[0] === "object") buffersIn(part, found);
    } else if (part.buffer instanceof ArrayBuffer && part.byteLength > 0) found.add(part.buffer);
  }
  return [...found];
}
