import type { Recording } from "../../recording.ts";
import { EventKind, TensorFlag } from "../../schema.ts";

/**
 * Per tensor: the tensor whose storage it shows, itself if it has its own. A view, and what `detach` gives, shows what
 * the first input of its op shows.
 */
export function storagesOf({ tables, strings }: Recording): Uint32Array {
  const { events, refs, tensors } = tables;
  const storage = new Uint32Array(tensors.rows);
  const detach = strings.indexOf("detach");
  for (let tensor = 1; tensor < tensors.rows; tensor++) {
    storage[tensor] = tensor;
    const event = tensors.column.event[tensor];
    if (event === 0 || events.column.kind[event] !== EventKind.op || events.column.inputs[event] === 0) continue;
    const isView = (tensors.column.flags[tensor] & TensorFlag.view) !== 0 || events.column.name[event] === detach;
    const base = isView ? refs.column.tensor[events.column.refs[event]] : 0;
    if (base !== 0 && base < tensor) storage[tensor] = storage[base];
  }
  return storage;
}
