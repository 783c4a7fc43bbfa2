import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

export const loadedSources: RequestHandler<DebugProtocol.LoadedSourcesRequest, DebugProtocol.LoadedSourcesResponse> = {
  answer: (adapter) => ({ sources: adapter.session.sources.files.map((file) => adapter.places.source(file)) }),
};
