import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { control, type LoaderAnswer, type LoaderQuestion } from "../protocol.ts";

// Taken before the user's program runs, which may replace them.
const { wait, store } = Atomics;

/** Asks the broker and stands still until it answers. */
export type Ask = (question: LoaderQuestion) => LoaderAnswer;

/** A question-and-answer line to the broker's thread. */
export function createAsk(port: MessagePort, flags: Int32Array): Ask {
  return (question) => {
    store(flags, control.answered, 0);
    port.postMessage(question);
    for (;;) {
      wait(flags, control.answered, 0);
      const received = receiveMessageOnPort(port);
      if (received) return received.message as LoaderAnswer;
      // The answer was announced a moment before it arrived.
      wait(flags, control.answered, 1, 1);
    }
  };
}
