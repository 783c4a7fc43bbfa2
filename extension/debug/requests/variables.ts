import type { DebugProtocol } from "@vscode/debugprotocol";
import type { DebugAdapter } from "../adapter.ts";
import type { Handle } from "../handles.ts";
import { RequestError } from "../requestError.ts";
import type { Children, Shown } from "../session/shown.ts";
import { toVariable } from "../toVariable.ts";
import type { RequestHandler } from "./handler.ts";

export const variables: RequestHandler<DebugProtocol.VariablesRequest, DebugProtocol.VariablesResponse> = {
  answer: async (adapter, { variablesReference, filter, start = 0, count = 0 }) => {
    const handle = adapter.handles.get(variablesReference);
    if (handle === null) throw new RequestError("These values belong to an earlier stop.");
    const rows = [...(await named(handle, filter)), ...indexed(handle, filter, start, count)];
    for (const row of rows) handle.rows.set(row.name, row);
    return { variables: rows.map((row) => show(row, adapter)) };
  },
};

function named({ children }: Handle, filter: string | undefined): ReturnType<Children["named"]> {
  return filter === "indexed" ? [] : children.named();
}

/** Clients ask for a large tensor page by page, because they were told how long it is; a count of 0 means the rest. */
function indexed({ children }: Handle, filter: string | undefined, start: number, count: number): readonly Shown[] {
  if (filter === "named") return [];
  return children.indexed(start, count > 0 ? count : Math.max(0, children.indexedCount - start));
}

function show(row: Shown, adapter: DebugAdapter): DebugProtocol.Variable {
  return toVariable(row, adapter.handles);
}
