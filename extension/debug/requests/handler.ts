import type { DebugAdapter } from "../adapter.ts";

/** How one request is answered. */
export interface Handler<Arguments = never, Body = unknown> {
  /** Gives the body of the response; what it throws becomes an error response. */
  readonly answer: (adapter: DebugAdapter, args: Arguments) => Body | Promise<Body>;
  /** What happens once the client has the response. */
  readonly after?: (adapter: DebugAdapter) => void;
}

/** A handler of a request with these arguments and this response, as the protocol's types name them. */
export type RequestHandler<Request extends { arguments?: unknown }, Response extends { body?: unknown }> = Handler<
  NonNullable<Request["arguments"]>,
  Response["body"]
>;
