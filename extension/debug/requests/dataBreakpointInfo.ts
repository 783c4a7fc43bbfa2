import type { DebugProtocol } from "@vscode/debugprotocol";
import type { DebugAdapter } from "../adapter.ts";
import { encodeWatch, labelOf } from "../dataWatches.ts";
import { RequestError } from "../requestError.ts";
import type { DataWatch } from "../session/breakpoints.ts";
import type { RequestHandler } from "./handler.ts";

export const dataBreakpointInfo: RequestHandler<
  DebugProtocol.DataBreakpointInfoRequest,
  DebugProtocol.DataBreakpointInfoResponse
> = {
  answer: (adapter, { variablesReference, name }) => {
    const watch = variablesReference ? watchOfRow(adapter, variablesReference, name) : watchOfName(adapter, name);
    if (watch === null) return { dataId: null, description: `'${name}' is no tensor that can be watched.` };
    return {
      dataId: encodeWatch(watch),
      description: labelOf(watch),
      accessTypes: ["write" as const],
      // A row is a tensor of this run alone; a name means the same in the next one.
      canPersist: watch.name !== null,
    };
  },
};

function watchOfRow(adapter: DebugAdapter, reference: number, name: string): DataWatch | null {
  const handle = adapter.handles.get(reference);
  if (handle === null) throw new RequestError("These values belong to an earlier stop.");
  const { tensor } = handle.rows.get(name) ?? {};
  if (tensor === undefined) return null;
  const { names, tensors, position } = adapter.stopped;
  const owner = names.at(position).find((one) => tensors.gradient(one.tensor, position) === tensor.row);
  if (owner !== undefined) return { name: owner.name, tensor: owner.tensor, what: "grad" };
  return { name: names.nameOf(tensor.row), tensor: tensor.row, what: "value" };
}

/** `w1`, or `w1.grad` for its gradient. */
function watchOfName(adapter: DebugAdapter, text: string): DataWatch | null {
  const { names, position } = adapter.session;
  const [, name = "", grad] = /^\s*(.+?)(\.grad)?\s*$/.exec(text) ?? [];
  const tensor = names.find(name, position);
  return tensor === null ? null : { name, tensor, what: grad === undefined ? "value" : "grad" };
}
