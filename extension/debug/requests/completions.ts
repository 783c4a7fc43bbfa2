import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestHandler } from "./handler.ts";

/** The user's names that begin with what stands before the caret. */
export const completions: RequestHandler<DebugProtocol.CompletionsRequest, DebugProtocol.CompletionsResponse> = {
  answer: (adapter, { text, column }) => {
    const { names, position } = adapter.stopped;
    const before = text.slice(0, adapter.places.columnsStartAt1 ? column - 1 : column);
    const word = /[\p{L}_$][\p{L}\p{N}_$.]*$/u.exec(before)?.[0] ?? "";
    const known = ["value", "grad", ...names.at(position).map(({ name }) => name)];
    return {
      targets: known
        .filter((name) => name.startsWith(word))
        .map((name) => ({
          label: name,
          type: "variable" as const,
          start: before.length - word.length,
          length: word.length,
        })),
    };
  },
};
