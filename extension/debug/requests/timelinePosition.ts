import type { Handler } from "./handler.ts";

/** Where the debugger stands, for views that follow it; the event `gradlens/position` says the same at each stop. */
export const timelinePosition: Handler<unknown, object> = {
  answer: (adapter) => {
    adapter.stopped.expectStop();
    return adapter.position();
  },
};
