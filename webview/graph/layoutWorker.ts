import { layeredLayout } from "../../engine/recording/layout/layered/layeredLayout.ts";
import { isRecord } from "../protocol/guards.ts";
import type { FromLayoutWorker, ToLayoutWorker } from "./layoutMessages.ts";

// The worker's global scope, as far as it is used here; this room's types know the page's only.
const scope = globalThis as unknown as {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: FromLayoutWorker, transfer?: readonly ArrayBuffer[]): void;
};

scope.onmessage = ({ data }) => {
  if (!isRequest(data)) return;
  let told = 0;
  const result = layeredLayout(data.input, (done) => {
    if (done < told + 0.05) return;
    told = done;
    scope.postMessage({ kind: "progress", done });
  });
  const buffers = Object.values(result).flatMap((value) =>
    ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : [],
  );
  scope.postMessage({ kind: "result", result }, [...new Set(buffers)]);
};

/** Only the panel's own script can send here: a check for mistakes, not for attacks. */
function isRequest(data: unknown): data is ToLayoutWorker {
  return isRecord(data) && isRecord(data["input"]);
}
