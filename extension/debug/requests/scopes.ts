import type { DebugProtocol } from "@vscode/debugprotocol";
import { scopesAt } from "../session/scopes.ts";
import type { RequestHandler } from "./handler.ts";

export const scopes: RequestHandler<DebugProtocol.ScopesRequest, DebugProtocol.ScopesResponse> = {
  answer: (adapter) => {
    const session = adapter.stopped;
    return {
      scopes: scopesAt(session.position, session.positionBefore, session).map(({ name, children, isExpensive }) => ({
        name,
        variablesReference: adapter.handles.add(children),
        expensive: isExpensive,
      })),
    };
  },
};
