import process from "node:process";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { RecordingFileError } from "../../engine/recording/file.ts";
import { Runner } from "../runner/runner.ts";
import type { AdapterPaths } from "./adapterPaths.ts";
import { BreakpointBook, type NewBreakpoint } from "./breakpointBook.ts";
import { ClientPlaces } from "./clientPlaces.ts";
import { Evaluator } from "./evaluator/evaluator.ts";
import { Handles } from "./handles.ts";
import { RequestError } from "./requestError.ts";
import { handlers } from "./requests/all.ts";
import { GradientSession, type LaunchOptions, type Stop } from "./session/session.ts";

const launchPatienceMs = 300;

/** Speaks the Debug Adapter Protocol for one session. Also usable without a process of its own: it is a `vscode.DebugAdapter`. */
export class DebugAdapter extends ProtocolServer {
  readonly handles = new Handles();
  readonly breakpoints = new BreakpointBook();
  readonly places = new ClientPlaces();
  readonly #paths: AdapterPaths;
  readonly #onDisposed: () => void;
  /** How the client is asked for its debugger of JavaScript: VS Code gives what the protocol's request starts our own type. */
  startsDebugging: "on event" | "on request" | "never" = "never";
  #runner: Runner | null = null;
  #isInspected = false;
  #evaluator: Evaluator | null = null;
  #session: GradientSession | null = null;
  #options: LaunchOptions | null = null;
  #isConfigured = false;
  #isPrepared = false;
  #hasBegun = false;
  readonly #later: (() => void)[] = [];
  readonly #onLaunch: (() => void)[] = [];

  /** `onDisposed` is called once, when nothing is left running. */
  constructor(paths: AdapterPaths, onDisposed: () => void = () => undefined) {
    super();
    this.#paths = paths;
    this.#onDisposed = onDisposed;
    // A message that is no message has nobody to be answered to.
    this.on("error", () => undefined);
  }

  /**
   * The running session.
   *
   * @throws RequestError when there is none.
   */
  get session(): GradientSession {
    if (this.#session === null) throw new RequestError("Nothing is being debugged yet.");
    return this.#session;
  }

  /**
   * The same, while it stands still.
   *
   * @throws RequestError when it does not.
   */
  get stopped(): GradientSession {
    const { session } = this;
    if (session.isOver) throw new RequestError("The program has ended.");
    if (session.stopped === null) throw new RequestError("The program is running. Pause it first.");
    return session;
  }

  get currentSession(): GradientSession | null {
    return this.#session;
  }

  /** Resolves when a program is launched; at the latest after a while, for clients that set breakpoints first. */
  get launched(): Promise<void> {
    if (this.#session !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, launchPatienceMs);
      this.#onLaunch.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Gets ready to run something. */
  warm(): void {
    void this.#useRunner().warm();
  }

  /**
   * Starts a session, or starts it anew with other options or the same.
   *
   * @throws Error when there is nothing to debug.
   */
  async launch(options: LaunchOptions | null = this.#options): Promise<void> {
    if (options === null) throw new RequestError("Nothing was launched that could be restarted.");
    const earlier = this.#session;
    this.#hasBegun = false;
    this.#isPrepared = false;
    this.#session = null;
    await earlier?.end();
    this.#evaluator ??= new Evaluator(this.#paths.evaluatorPath, this.#paths.evaluator);
    const session: GradientSession = new GradientSession(options, {
      runner: this.#useRunner(options.javascript),
      evaluator: this.#evaluator,
      listener: {
        onStopped: (stop) => this.#ifCurrent(session, () => this.#tellStop(stop)),
        onContinued: () => undefined,
        onOutput: (stream, text, event) => this.#ifCurrent(session, () => this.#tellOutput(stream, text, event)),
        onBreakpoints: () => this.#ifCurrent(session, () => this.refreshBreakpoints()),
        onEnded: (exitCode) => this.#ifCurrent(session, () => this.#tellEnd(exitCode)),
      },
    });
    this.#session = session;
    await this.#prepare(session);
    for (const tell of this.#onLaunch.splice(0)) tell();
    this.#options = options;
    this.#isPrepared = true;
    session.breakpoints = this.breakpoints.all;
    this.#beginIfReady();
  }

  /** The client has set its breakpoints. */
  configured(): void {
    this.#isConfigured = true;
    this.#beginIfReady();
  }

  /** Hands the breakpoints to the session, and tells which became bound or not. */
  refreshBreakpoints(): void {
    const session = this.#session;
    if (session === null) return;
    session.breakpoints = this.breakpoints.all;
    this.#tellVerdicts(session);
  }

  #tellVerdicts(session: GradientSession, ids?: readonly number[]): void {
    for (const breakpoint of this.breakpoints.verify(session, ids)) {
      this.tell("breakpoint", { reason: "changed", breakpoint });
    }
  }

  /** Sets breakpoints, which hold from now on, and tells which are bound: that can be said once the program's file is compiled. */
  async setBreakpoints(group: string, breakpoints: readonly NewBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const own = this.breakpoints.set(group, breakpoints);
    if (this.#session !== null) this.#session.breakpoints = this.breakpoints.all;
    await this.launched;
    const session = this.#session;
    await session?.whenLoaded();
    return own.map((one) => this.breakpoints.verdict(one, session));
  }

  tell(event: string, body: object): void {
    this.sendEvent({ seq: 0, type: "event", event, body });
  }

  /** Does something once the request being answered has its response. */
  later(work: () => void): void {
    this.#later.push(work);
  }

  /** What was looked at at the stop before is not valid any more. */
  continued(): void {
    this.handles.clear();
  }

  /** Ends everything within a second. */
  override async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.end();
    this.#runner?.dispose();
    this.#evaluator?.dispose();
    this.#runner = null;
    this.#evaluator = null;
    this.#onDisposed();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    void this.#answer(request);
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const { command, seq } = request;
    const response = { seq: 0, type: "response" as const, request_seq: seq, command };
    try {
      const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
      if (handler === undefined) throw new RequestError(`There is no request '${command}'.`);
      const body = await handler.answer(this, (request.arguments ?? {}) as never);
      this.sendResponse({ ...response, success: true, ...(body === undefined ? {} : { body }) });
      handler.after?.(this);
      for (const work of this.#later.splice(0)) work();
    } catch (error) {
      const { message, isShown } = described(command, error);
      const body = { error: { id: 1, format: "{message}", variables: { message }, showUser: isShown } };
      this.sendResponse({ ...response, success: false, message, body });
    }
  }

  async #prepare(session: GradientSession): Promise<void> {
    try {
      await session.prepare();
    } catch (error) {
      this.#session = null;
      if (error instanceof RecordingFileError) throw new RequestError(error.message, true);
      throw error;
    }
  }

  /** A runner for programs that another debugger looks at, too, is another runner. */
  #useRunner(isInspected = false): Runner {
    if (this.#runner !== null && this.#isInspected === isInspected) return this.#runner;
    this.#runner?.dispose();
    this.#isInspected = isInspected;
    const inspector = { onInspector: (url: string) => this.#debugJavaScript(url) };
    this.#runner = new Runner({ ...this.#paths.runner, ...(isInspected ? inspector : {}) });
    return this.#runner;
  }

  /** Asks the client for its debugger of JavaScript, for the same program. */
  #debugJavaScript(websocketAddress: string): void {
    if (this.startsDebugging === "never") {
      const text = `The program waits for a debugger of JavaScript at ${websocketAddress}\n`;
      this.tell("output", { category: "console", output: text });
      return;
    }
    const { dist } = this.#paths;
    const configuration = {
      type: "node",
      name: "JavaScript",
      websocketAddress,
      continueOnAttach: true,
      pauseForSourceMap: true,
      resolveSourceMapLocations: null,
      // The engine and the runner are not the user's.
      skipFiles: ["<node_internals>/**", `${dist}/**`],
    };
    if (this.startsDebugging === "on event") {
      this.tell("gradlens/javascript", { configuration: { request: "attach", ...configuration } });
      return;
    }
    this.sendRequest("startDebugging", { request: "attach", configuration }, 15_000, ({ success, message }) => {
      if (success) return;
      const why = message === undefined ? "" : `: ${message}`;
      this.tell("output", { category: "stderr", output: `The debugger of JavaScript did not start${why}\n` });
      void this.currentSession?.end();
    });
  }

  #beginIfReady(): void {
    if (!this.#isConfigured || !this.#isPrepared || this.#hasBegun) return;
    this.#hasBegun = true;
    this.#session?.begin();
  }

  #ifCurrent(session: GradientSession, tell: () => void): void {
    if (session === this.#session) tell();
  }

  #tellStop({ reason, text, hit, exception }: Stop): void {
    this.handles.clear();
    // A name that was not known yet is known when something stops at it.
    this.#tellVerdicts(this.session, hit);
    const named = reason === "breakpoint" ? this.breakpoints.reasonOf(hit) : reason;
    this.tell("stopped", {
      reason: named,
      description: exception?.title ?? text,
      ...(exception === null ? {} : { text: exception.description }),
      threadId: 1,
      allThreadsStopped: true,
      hitBreakpointIds: hit.filter((id) => this.breakpoints.isVisible(id)),
    });
    this.tell("gradlens/position", this.position());
  }

  /** Where the debugger stands on the timeline. */
  position(): object {
    const { session } = this;
    const { position, timeline } = session;
    return {
      event: position,
      last: timeline.last,
      kind: timeline.kind(position),
      name: session.label(position),
      forwardEvent: timeline.forwardOf(position),
      isLive: session.isLive,
    };
  }

  #tellOutput(stream: "stdout" | "stderr" | "console", text: string, event: number | null): void {
    const site = event === null ? null : (this.#session?.timeline.site(event) ?? null);
    const place = site === null ? {} : { source: this.places.source(site.file), line: this.places.line(site.line) };
    this.tell("output", { category: stream, output: text, ...place });
  }

  #tellEnd(exitCode: number): void {
    this.tell("exited", { exitCode });
    this.tell("terminated", {});
  }
}

function described(command: string, error: unknown): { message: string; isShown: boolean } {
  if (error instanceof RequestError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${command}: ${text}\n`);
  const message = error instanceof Error ? error.message : String(error);
  return { message: `${command} failed: ${message}`, isShown: false };
}
