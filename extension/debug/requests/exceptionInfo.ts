import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "../requestError.ts";
import type { RequestHandler } from "./handler.ts";

export const exceptionInfo: RequestHandler<DebugProtocol.ExceptionInfoRequest, DebugProtocol.ExceptionInfoResponse> = {
  answer: async (adapter) => {
    const session = adapter.stopped;
    const exception = session.stopped?.exception ?? null;
    if (exception === null) throw new RequestError("The program did not stop because of a fault.");
    const frames = await session.frames();
    const stack = frames
      .filter(({ file }) => file !== null)
      .map(({ name, file, line }) => `    at ${name} (${file}:${line})`);
    return {
      exceptionId: exception.title,
      description: exception.description,
      breakMode: exception.filter === "uncaught" ? ("unhandled" as const) : ("always" as const),
      details: { message: exception.description, typeName: exception.title, stackTrace: stack.join("\n") },
    };
  },
};
