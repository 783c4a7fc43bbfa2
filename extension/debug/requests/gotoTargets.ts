import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

/** The recorded events of a line nearest to the position, before and after it. Their numbers are those of the events. */
export const gotoTargets: RequestHandler<DebugProtocol.GotoTargetsRequest, DebugProtocol.GotoTargetsResponse> = {
  answer: (adapter, { source, line }) => {
    const { places } = adapter;
    const session = adapter.stopped;
    const file = places.ownFile(source.path ?? "");
    const ownLine = places.ownLine(line);
    const { timeline, position } = session;
    const find = (direction: 1 | -1): number | null => {
      for (let event = position + direction; event > 0 && event <= timeline.last; event += direction) {
        const site = timeline.site(event);
        if (timeline.isStep(event) && site?.file === file && site.line === ownLine) return event;
      }
      return null;
    };
    const targets: DebugProtocol.GotoTarget[] = [];
    for (const [event, where] of [
      [find(1), "later"],
      [find(-1), "earlier"],
    ] as const) {
      if (event !== null)
        targets.push({ id: event, label: `${session.label(event)}, ${where} (event ${event})`, line });
    }
    return { targets };
  },
};
