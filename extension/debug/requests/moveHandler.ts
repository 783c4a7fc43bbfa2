import type { GradientSession } from "../session/session.ts";
import type { Move } from "../session/stops.ts";
import type { Handler } from "./handler.ts";

/** A request that moves along the timeline: it is answered first, and then the debugger goes. */
export function moveHandler<Arguments, Body = undefined>(
  moveFrom: (session: GradientSession) => Move,
  body?: Body,
): Handler<Arguments, Body | undefined> {
  return {
    answer: (adapter) => {
      // Refuses while the program runs.
      adapter.stopped.expectStop();
      return body;
    },
    after: (adapter) => {
      const { session } = adapter;
      adapter.continued();
      session.move(moveFrom(session));
    },
  };
}
