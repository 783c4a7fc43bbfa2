import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "../requestError.ts";
import type { RequestHandler } from "./handler.ts";

export const setVariable: RequestHandler<DebugProtocol.SetVariableRequest, DebugProtocol.SetVariableResponse> = {
  answer: async (adapter, { variablesReference, name, value }) => {
    const handle = adapter.handles.get(variablesReference);
    if (handle === null) throw new RequestError("These values belong to an earlier stop.");
    const { target } = handle.rows.get(name) ?? {};
    if (target === undefined) throw new RequestError(`'${name}' can't be changed.`);
    const session = adapter.stopped;
    const number = await numberOf(value, (text) => session.evaluate(text));
    const why = await session.edit(target.tensor, target.element, number, target.handedOn);
    if (why !== null) throw new RequestError(why);
    // What the client shows besides is out of date: it asks for all of it again.
    adapter.later(() => adapter.tell("invalidated", { areas: ["variables"] }));
    return { value: String(number) };
  },
};

/** The new value may be an expression that gives one number. */
async function numberOf(text: string, evaluate: (expression: string) => ReturnType<DebugEvaluate>): Promise<number> {
  const plain = Number(text.trim() === "" ? Number.NaN : text);
  if (!Number.isNaN(plain) || text.trim() === "NaN") return plain;
  const result = await evaluate(text);
  const number = result.kind === "tensor" && result.values.length === 1 ? (result.values[0] ?? Number.NaN) : null;
  if (number !== null) return number;
  const told = result.kind === "plain" ? Number(result.text) : Number.NaN;
  if (result.kind === "plain" && (result.type === "number" || result.type === "boolean")) return told;
  throw new RequestError(result.kind === "error" ? result.message : `'${text}' is not one number.`);
}

type DebugEvaluate = import("../session/session.ts").GradientSession["evaluate"];
