import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "../requestError.ts";
import type { RequestHandler } from "./handler.ts";

/** Going somewhere changes nothing but what is shown: the program stays where it is. */
export const goTo: RequestHandler<DebugProtocol.GotoRequest, DebugProtocol.GotoResponse> = {
  answer: (adapter, { targetId }) => {
    const session = adapter.stopped;
    if (!(targetId > 0 && targetId <= session.timeline.last)) throw new RequestError("There is no such event.");
    adapter.later(() => session.goTo(targetId));
    return undefined;
  },
};
