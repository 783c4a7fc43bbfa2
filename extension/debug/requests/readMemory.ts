import type { DebugProtocol } from "@vscode/debugprotocol";
import { allocate, BYTES, type DType } from "../../../engine/base/dtype.ts";
import { memoryTensor } from "../handles.ts";
import { RequestError } from "../requestError.ts";
import type { RequestHandler } from "./handler.ts";

/** The bytes of a tensor as they were, in row-major order. */
export const readMemory: RequestHandler<DebugProtocol.ReadMemoryRequest, DebugProtocol.ReadMemoryResponse> = {
  answer: async (adapter, { memoryReference, offset = 0, count }) => {
    const asked = memoryTensor(memoryReference);
    if (asked === null) throw new RequestError(`'${memoryReference}' names no tensor.`);
    const { session } = adapter;
    await session.keepWhole(asked.row, asked.event);
    const { tensors } = session;
    const held = tensors.at(asked.row, asked.event);
    const dtype = tensors.dtype(asked.row) as DType;
    const size = tensors.numel(asked.row) * BYTES[dtype];
    const from = Math.max(0, Math.min(offset, size));
    const wanted = Math.max(0, Math.min(count, size - from));
    const address = String(from);
    if (held === null || held.stride > 1 || !held.isCurrent) return { address, unreadableBytes: wanted };
    const elements = allocate(dtype, held.values.length);
    elements.set(held.values);
    const bytes = Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength);
    const data = bytes.subarray(from, from + wanted).toString("base64");
    return { address, data, ...(wanted < count ? { unreadableBytes: count - wanted } : {}) };
  },
};
