import { now } from "../../base/clock.ts";
import { leaveWarningsToOthers } from "../switch.ts";
import { ALERT_MS, ASKED, BY_HELPER, CLAIM, DONE, FAILED, FREE, type HelperData, READY, STATE } from "./protocol.ts";
import { perform } from "./tasks.ts";

// The program of a helper thread: does one task after another, in the very kernels that the calling thread has.

interface Host {
  readonly process: { getBuiltinModule(name: "node:worker_threads"): { readonly workerData: HelperData } };
}

const { workerData } = (globalThis as unknown as Host).process.getBuiltinModule("node:worker_threads");
const { control, task, numbers } = workerData.gradlensHelper;
const words = new Int32Array(control);
const description = new Float64Array(task);

leaveWarningsToOthers();
try {
  Atomics.store(words, STATE, READY);
  for (let done = 0; ; done++) {
    waitForTask(done);
    if (Atomics.compareExchange(words, CLAIM, FREE, BY_HELPER) === FREE) perform(description, numbers);
    Atomics.store(words, DONE, done + 1);
    Atomics.notify(words, DONE);
  }
} finally {
  Atomics.store(words, STATE, FAILED);
  Atomics.notify(words, DONE);
}

/** Waits for the task after number `done`. */
function waitForTask(done: number): void {
  const sleepAt = now() + ALERT_MS;
  while (Atomics.load(words, ASKED) === done) if (now() > sleepAt) Atomics.wait(words, ASKED, done);
}
