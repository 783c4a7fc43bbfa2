import type { Breakpoint, DataWatch, ExceptionFilterId } from "../../debug/session/breakpoints.ts";
import { exceptionFilters } from "../../debug/session/breakpoints.ts";
import type { GradientSession, SessionListener, Stop } from "../../debug/session/session.ts";
import type { Move } from "../../debug/session/stops.ts";
import type { Terminal } from "../terminal.ts";
import { describePlace, printAnswer } from "./printAnswer.ts";

/** What a command came to: text for people, and the same as an object for programs. */
export interface Answer {
  readonly kind: string;
  readonly text: string;
  readonly [fact: string]: unknown;
}

type WithoutId<One> = One extends Breakpoint ? Omit<One, "id" | "hitCondition" | "logMessage"> : never;

/** A breakpoint as the user asks for it. */
export type WantedBreakpoint = WithoutId<Breakpoint>;

/** A session whose stops can be waited for, and the breakpoints that the user has set. */
export class TerminalDebugger implements SessionListener {
  readonly terminal: Terminal;
  readonly #asJson: boolean;
  #session: GradientSession | null = null;
  #breakpoints: readonly Breakpoint[];
  #nextId = 1;
  #moved: (() => void) | null = null;
  #exitCode: number | null = null;

  constructor(terminal: Terminal, asJson: boolean) {
    this.terminal = terminal;
    this.#asJson = asJson;
    this.#breakpoints = exceptionFilters
      .filter(({ isDefault }) => isDefault)
      .map(({ filter }) => this.#numbered({ kind: "exception", filter, condition: null }));
  }

  get session(): GradientSession {
    if (this.#session === null) throw new Error("The session has not begun.");
    return this.#session;
  }

  /** Null while the program may go on. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  get breakpoints(): readonly Breakpoint[] {
    return this.#breakpoints;
  }

  /** Starts the program, or opens the recording, and comes to its first stop. */
  async begin(session: GradientSession): Promise<void> {
    this.#session = session;
    this.#exitCode = null;
    session.breakpoints = this.#breakpoints;
    await session.prepare();
    await this.#untilStopped(() => session.begin());
  }

  /** Moves, and resolves at the stop or the end. */
  async move(move: Move): Promise<void> {
    await this.#untilStopped(() => this.session.move(move));
  }

  async goTo(event: number): Promise<void> {
    await this.#untilStopped(() => this.session.goTo(event));
  }

  /** Ends the program if it has not ended. */
  async end(): Promise<void> {
    if (this.#exitCode === null) await this.#untilStopped(() => void this.session.end());
  }

  add(breakpoint: WantedBreakpoint): Breakpoint {
    const added = this.#numbered(breakpoint);
    this.#set([...this.#breakpoints, added]);
    return added;
  }

  /** Gives whether there was one. */
  remove(matches: (breakpoint: Breakpoint) => boolean): boolean {
    const left = this.#breakpoints.filter((one) => !matches(one));
    const found = left.length < this.#breakpoints.length;
    this.#set(left);
    return found;
  }

  answer(answer: Answer): void {
    printAnswer(answer, this.terminal, this.#asJson);
  }

  onStopped(stop: Stop): void {
    void this.#tellStop(stop).then(() => this.#moved?.());
  }

  onContinued(): void {
    // The user knows: a command made it go on.
  }

  onOutput(stream: "stdout" | "stderr" | "console", text: string): void {
    if (this.#asJson) this.answer({ kind: "output", stream, text });
    else this.terminal.passOn(stream === "stderr" ? "stderr" : "stdout", text);
  }

  onBreakpoints(): void {
    // Whether one is bound is told when it is set, and listed.
  }

  onEnded(exitCode: number): void {
    this.#exitCode = exitCode;
    this.answer({
      kind: "ended",
      text: exitCode === 0 ? "The program has ended." : `The program has ended with ${exitCode}.`,
      exitCode,
    });
    this.#moved?.();
  }

  async #tellStop({ reason, text, exception }: Stop): Promise<void> {
    const { session } = this;
    const [frame] = await session.frames();
    const place = describePlace(frame ?? null, this.terminal);
    const title = reason === "exception" && exception !== null ? `${exception.title}\n${exception.description}` : text;
    this.answer({
      kind: "stopped",
      text: `${this.terminal.style("bold", title)}  ${this.terminal.style("dim", `event ${session.position} of ${session.timeline.last}`)}\n${place}`,
      reason,
      name: text,
      event: session.position,
      file: frame?.file ?? null,
      line: frame?.file == null ? null : frame.line,
    });
  }

  #untilStopped(start: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#moved = () => {
        this.#moved = null;
        resolve();
      };
      start();
    });
  }

  #numbered(breakpoint: WantedBreakpoint): Breakpoint {
    return { ...breakpoint, hitCondition: null, logMessage: null, id: this.#nextId++ } as Breakpoint;
  }

  #set(breakpoints: readonly Breakpoint[]): void {
    this.#breakpoints = breakpoints;
    if (this.#session !== null) this.#session.breakpoints = breakpoints;
  }
}

/** What a breakpoint is, in a line. */
export function describeBreakpoint(breakpoint: Breakpoint): string {
  const condition = breakpoint.condition === null ? "" : ` if ${breakpoint.condition}`;
  switch (breakpoint.kind) {
    case "line":
      return `line ${breakpoint.line} of ${breakpoint.file}${breakpoint.mode === "both" ? "" : `, ${breakpoint.mode} only`}${condition}`;
    case "function":
      return `op ${breakpoint.name}${condition}`;
    case "data":
      return `${describeWatch(breakpoint.watch)}${condition}`;
    case "exception":
      return `${filterLabel(breakpoint.filter)}${condition}`;
  }
}

function describeWatch({ name, tensor, what }: DataWatch): string {
  const called = name ?? `tensor ${tensor}`;
  if (what === "grad-nonfinite") return `gradient of ${called} becomes NaN or Inf`;
  return what === "value" ? `${called} is written to` : `gradient of ${called} changes`;
}

function filterLabel(wanted: ExceptionFilterId): string {
  return exceptionFilters.find(({ filter }) => filter === wanted)?.label ?? wanted;
}
