import { isRecord, isString, isWhole } from "./guards.ts";

/** Raised when the envelope changes; an extension and a panel of different versions ignore each other. */
export const wireVersion = 1;

/** The envelope of everything that crosses between a panel and the extension. */
export type Message =
  | { readonly kind: "request"; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly name: string; readonly message: string }
  | { readonly kind: "event"; readonly name: string; readonly args: unknown };

/** Wraps a message for one panel; numbers that JSON cannot hold are written as words. */
export function writeMessage(panel: string, message: Message): unknown {
  return { gradlens: wireVersion, panel, ...(packNumbers(message) as Message) };
}

/** Reads what arrived; null when it is not a message for this panel. */
export function readMessage(panel: string, data: unknown): Message | null {
  if (!isRecord(data) || data["gradlens"] !== wireVersion || data["panel"] !== panel) return null;
  const isId = isWhole();
  const { kind, id, name, method, message } = data;
  if (kind === "event" && isString(name)) return { kind, name, args: unpackNumbers(data["args"]) };
  if (!isId(id)) return null;
  if (kind === "request" && isString(method)) return { kind, id, method, args: unpackNumbers(data["args"]) };
  if (kind === "cancel") return { kind, id };
  if (kind === "answer") return { kind, id, value: unpackNumbers(data["value"]) };
  if (kind === "failure" && isString(name) && isString(message)) return { kind, id, name, message };
  return null;
}

/**
 * VS Code sends messages as JSON, where NaN and the infinities become null: they travel as `{ "#": "NaN" }`. Typed arrays it carries
 * beside the JSON, byte by byte, so they stay what they are.
 */
function packNumbers(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { "#": String(value) };
  return mapInside(value, packNumbers);
}

function unpackNumbers(value: unknown): unknown {
  if (isRecord(value) && isString(value["#"])) return Number(value["#"]);
  return mapInside(value, unpackNumbers);
}

/** Rebuilds an array or object only when something inside it changed: most of a graph is passed on as it is. */
function mapInside(value: unknown, change: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const changed = value.map(change);
    return changed.some((inner, i) => inner !== value[i]) ? changed : value;
  }
  if (!isRecord(value) || ArrayBuffer.isView(value)) return value;
  let copy: Record<string, unknown> | null = null;
  for (const [key, inner] of Object.entries(value)) {
    const changed = change(inner);
    if (changed === inner) continue;
    copy ??= { ...value };
    copy[key] = changed;
  }
  return copy ?? value;
}
