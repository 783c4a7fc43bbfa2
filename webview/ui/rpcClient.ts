import type { AnswerOf, ArgumentsOf, Contract, MethodsOf } from "../protocol/contract.ts";
import { type Message, readMessage, writeMessage } from "../protocol/message.ts";

/** Raised in the panel when the extension refused or failed a request; the message is the extension's. */
export class RequestFailed extends Error {
  override readonly name: string = "RequestFailed";
}

/** Raised when nobody answered in time. */
export class RequestTimedOut extends RequestFailed {
  override readonly name = "RequestTimedOut";
}

export interface AskOptions {
  /** Aborting tells the extension to stop, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the request counts as lost; 0 waits for ever (a dialog is open). */
  readonly timeout?: number;
}

/** The panel's end of its conversation. */
export interface RpcClient<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>> {
  ask<K extends keyof Requests & string>(
    method: K,
    args: ArgumentsOf<Requests[K]>,
    options?: AskOptions,
  ): Promise<AnswerOf<Requests[K]>>;
  on<K extends keyof Events & string>(event: K, listener: (...args: ArgumentsOf<Events[K]>) => void): void;
}

/** How messages get out and in: the host's API and the window in a panel, a pair of functions in a test. */
export interface Line {
  post(message: unknown): void;
  listen(receive: (data: unknown) => void): void;
}

const usualTimeout = 30_000;

interface Waiting {
  readonly settle: (message: Message) => void;
}

/** Connects a panel to the extension; what arrives is unknown until its contract's guard has seen it. */
export function connect<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  line: Line,
): RpcClient<Requests, Events> {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, ((...args: unknown[]) => void)[]>();
  let lastId = 0;

  line.listen((data) => {
    const message = readMessage(contract.panel, data);
    if (message?.kind === "answer" || message?.kind === "failure") waiting.get(message.id)?.settle(message);
    if (message?.kind === "event" && hasEvent(contract, message.name) && contract.events[message.name](message.args)) {
      for (const listener of listeners.get(message.name) ?? []) listener(...(message.args as unknown[]));
    }
  });

  return {
    ask(method, args, { signal, timeout = usualTimeout } = {}) {
      const id = ++lastId;
      const send = (message: Message): void => line.post(writeMessage(contract.panel, message));
      return new Promise((resolve, reject) => {
        const stopWaiting = waitFor(id, method, { signal, timeout, waiting, send }, reject, (message) => {
          stopWaiting();
          if (message.kind === "failure") reject(new RequestFailed(message.message));
          if (message.kind !== "answer") return;
          const { answer } = contract.requests[method];
          if (answer(message.value)) resolve(message.value);
          else
            reject(
              new RequestFailed(`The extension gave an answer to "${method}" that this panel does not understand.`),
            );
        });
        if (!signal?.aborted) send({ kind: "request", id, method, args });
      });
    },
    on(event, listener) {
      const known = listeners.get(event) ?? [];
      listeners.set(event, [...known, listener as (...args: unknown[]) => void]);
    },
  };
}

interface Wait {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly waiting: Map<number, Waiting>;
  readonly send: (message: Message) => void;
}

/** Waits for an answer, the time limit or the caller's change of mind, whichever comes first; gives what ends the wait. */
function waitFor(
  id: number,
  method: string,
  { signal, timeout, waiting, send }: Wait,
  reject: (reason: unknown) => void,
  settle: (message: Message) => void,
): () => void {
  const giveUp = (reason: unknown): void => {
    stop();
    send({ kind: "cancel", id });
    reject(reason);
  };
  const onAbort = (): void => giveUp(signal?.reason);
  const timer =
    timeout > 0
      ? setTimeout(() => giveUp(new RequestTimedOut(`"${method}" was not answered in time.`)), timeout)
      : null;
  const stop = (): void => {
    waiting.delete(id);
    signal?.removeEventListener("abort", onAbort);
    if (timer !== null) clearTimeout(timer);
  };
  waiting.set(id, { settle });
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort);
  return stop;
}

function hasEvent<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  name: string,
): name is keyof Events & string {
  return Object.hasOwn(contract.events, name);
}
