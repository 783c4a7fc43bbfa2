import type { Handler } from "./handler.ts";

/** Writes the recording to the file that the launch configuration names, for views that follow the session. */
export const handOver: Handler<unknown, undefined> = {
  answer: async (adapter) => {
    await adapter.session.handOver();
    return undefined;
  },
};
