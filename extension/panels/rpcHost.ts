import type { Disposable, Webview } from "vscode";
import type { Contract, Handlers, MethodsOf, Senders } from "../../webview/protocol/contract.ts";
import { type Message, readMessage, writeMessage } from "../../webview/protocol/message.ts";

/** The part of a webview that a conversation needs. */
export type Channel = Pick<Webview, "onDidReceiveMessage" | "postMessage">;

/** The extension's end of a panel's conversation. */
export interface RpcHost<Events extends MethodsOf<Events>> extends Disposable {
  /** Tells the panel something; a panel that is hidden or gone hears nothing. */
  readonly send: Senders<Events>;
}

/**
 * Answers a panel's requests with the given handlers until it is disposed. Every request gets an answer or a failure; what does not
 * fit the contract is refused, because a webview's script may have been tricked.
 */
export function serveContract<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  channel: Channel,
  handlers: Handlers<Requests, AbortSignal>,
): RpcHost<Events> {
  const running = new Map<number, AbortController>();
  const post = (message: Message): void => {
    // A panel that is gone can be told nothing, and nobody waits for it.
    Promise.resolve(channel.postMessage(writeMessage(contract.panel, message))).catch(() => {});
  };

  const answer = async (id: number, method: string, args: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const value = await callHandler(contract, handlers, method, args, controller.signal);
      if (!controller.signal.aborted) post({ kind: "answer", id, value });
    } catch (error) {
      if (!controller.signal.aborted) post({ kind: "failure", id, ...describe(error) });
    } finally {
      running.delete(id);
    }
  };

  const listening = channel.onDidReceiveMessage((data: unknown) => {
    const message = readMessage(contract.panel, data);
    if (message?.kind === "request") void answer(message.id, message.method, message.args);
    if (message?.kind === "cancel") running.get(message.id)?.abort();
  });

  return {
    send: senders(contract, post),
    dispose() {
      listening.dispose();
      for (const controller of running.values()) controller.abort();
    },
  };
}

async function callHandler<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  handlers: Handlers<Requests, AbortSignal>,
  method: string,
  args: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!hasMethod(contract, method)) throw new Error(`The ${contract.panel} panel has no request named "${method}".`);
  if (!contract.requests[method].args(args))
    throw new Error(`"${method}" was called with arguments of the wrong kind.`);
  return handlers[method](...args, signal);
}

function hasMethod<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  method: string,
): method is keyof Requests & string {
  return Object.hasOwn(contract.requests, method);
}

function senders<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  contract: Contract<Requests, Events>,
  post: (message: Message) => void,
): Senders<Events> {
  const entries = Object.keys(contract.events).map((name) => [
    name,
    (...args: unknown[]) => post({ kind: "event", name, args }),
  ]);
  return Object.fromEntries(entries) as Senders<Events>;
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
