import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Handles, memoryName } from "./handles.ts";
import type { Shown } from "./session/shown.ts";

/** A row of the Variables view as the protocol has it. */
export function toVariable(row: Shown, handles: Handles): DebugProtocol.Variable {
  const { name, value, type, children, evaluateName, tensor, isLazy, target } = row;
  const isReadOnly = row.isReadOnly === true || target === undefined;
  return {
    name,
    value,
    ...(type === undefined ? {} : { type }),
    ...(evaluateName === undefined ? {} : { evaluateName }),
    variablesReference: handles.add(children),
    ...counts(row),
    ...(tensor === undefined ? {} : { memoryReference: memoryName(tensor) }),
    presentationHint: {
      kind: "data",
      ...(isReadOnly ? { attributes: ["readOnly"] } : {}),
      ...(isLazy ? { lazy: true } : {}),
    },
  };
}

/** Told only where there are numbered rows: a client then asks for both sorts by themselves. */
function counts({ children }: Shown): { namedVariables?: number; indexedVariables?: number } {
  if (children === undefined || children.indexedCount === 0) return {};
  return { indexedVariables: children.indexedCount, namedVariables: children.namedCount ?? 0 };
}
