import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "../requestError.ts";
import { evaluatedText } from "../session/logText.ts";
import { shownResult } from "../session/shownResult.ts";
import { shownTensor } from "../session/shownTensor.ts";
import { toVariable } from "../toVariable.ts";
import type { RequestHandler } from "./handler.ts";

export const evaluate: RequestHandler<DebugProtocol.EvaluateRequest, DebugProtocol.EvaluateResponse> = {
  answer: async (adapter, { expression }) => {
    const session = adapter.stopped;
    const { position } = session;
    // A name alone is shown with everything that is known about the tensor.
    const row = session.names.find(expression.trim(), position);
    if (row !== null) {
      await session.keepWhole(row, position);
      const { name, value, ...rest } = toVariable(
        shownTensor({ name: expression, row, event: position, evaluateName: expression.trim() }, session),
        adapter.handles,
      );
      return { ...rest, result: value };
    }
    const result = await session.evaluate(expression, position);
    if (result.kind === "error") throw new RequestError(result.message);
    if (result.kind === "plain") return { result: result.text, type: result.type, variablesReference: 0 };
    const { children } = shownResult(result);
    return {
      result: evaluatedText(result),
      type: `${result.dtype} [${result.shape.join(", ")}]`,
      variablesReference: adapter.handles.add(children),
      indexedVariables: children.indexedCount,
    };
  },
};
