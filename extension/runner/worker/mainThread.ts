import workerThreads from "node:worker_threads";

/** Lets the user's program be what it is in a terminal: the main thread. It also takes our ports out of its sight. */
export function pretendMainThread(): void {
  Object.assign(workerThreads, { isMainThread: true, parentPort: null, workerData: null, threadId: 0 });
}
