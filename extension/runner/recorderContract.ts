import type { RecorderHost, RunRecorder } from "../../engine/recording/recorderContract.ts";

export type { RecorderHost, RunRecorder, SiteCell } from "../../engine/recording/recorderContract.ts";

/** What the module at `recorderPath` exports. */
export interface RecorderModule {
  /** Begins to observe the engine. `options` is what the caller of the runner gave, unread. */
  startRecording(host: RecorderHost, options: unknown): RunRecorder;
}
