import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { DebugCommand, DebugReport } from "../../../engine/recording/debugging/debugContract.ts";
import { control, type FromWorker, type LoaderAnswer, type LoaderQuestion } from "../protocol.ts";

// Taken before the user's program runs, which may replace them.
const { wait, store } = Atomics;

/** Asks the broker and stands still until it answers. */
export type Ask = (question: LoaderQuestion) => LoaderAnswer;

/** Tells the debugger something and stands still until it answers. */
export type Report = (report: DebugReport) => DebugCommand;

/** A question-and-answer line to the broker's thread. */
export function createAsk(port: MessagePort, flags: Int32Array): Ask {
  return (question) => {
    store(flags, control.answered, 0);
    port.postMessage(question);
    return awaitAnswer(port, flags) as LoaderAnswer;
  };
}

/** The same to the debugger: reports take the way of the recording, so that they never overtake what they speak of. */
export function createReport(events: MessagePort, answers: MessagePort, flags: Int32Array): Report {
  return (report) => {
    store(flags, control.answered, 0);
    events.postMessage({ kind: "debug", report } satisfies FromWorker);
    return awaitAnswer(answers, flags) as DebugCommand;
  };
}

function awaitAnswer(port: MessagePort, flags: Int32Array): unknown {
  for (;;) {
    // Before waiting, too: an answer that came early has been announced already.
    const received = receiveMessageOnPort(port);
    if (received) return received.message;
    // Announced, but not here yet.
    if (wait(flags, control.answered, 0) === "not-equal") wait(flags, control.answered, 1, 1);
  }
}
