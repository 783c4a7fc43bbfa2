import type { DebugProtocol } from "@vscode/debugprotocol";
import type { DebugAdapter } from "../adapter.ts";
import type { Frame } from "../session/frames.ts";
import type { RequestHandler } from "./handler.ts";

export const stackTrace: RequestHandler<DebugProtocol.StackTraceRequest, DebugProtocol.StackTraceResponse> = {
  answer: async (adapter, { startFrame = 0, levels = 0 }) => {
    const frames = await adapter.stopped.frames();
    const asked = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
    return {
      stackFrames: asked.map((frame, i) => toClient(frame, startFrame + i, adapter)),
      totalFrames: frames.length,
    };
  },
};

function toClient(frame: Frame, index: number, { places }: DebugAdapter): DebugProtocol.StackFrame {
  const { name, file, line, column, endLine, endColumn } = frame;
  const hint = frame.isLabel ? "label" : frame.isSubtle ? "subtle" : "normal";
  const base = { id: index + 1, name, presentationHint: hint } as const;
  if (file === null) return { ...base, line: 0, column: 0 };
  return {
    ...base,
    source: places.source(file),
    line: places.line(line),
    column: places.column(column),
    ...(endLine === null ? {} : { endLine: places.line(endLine) }),
    ...(endColumn === null ? {} : { endColumn: places.column(endColumn) }),
  };
}
