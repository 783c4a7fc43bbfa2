import { readFile, writeFile } from "node:fs/promises";
import type { LiveFrame } from "../../../engine/recording/debugging/debugContract.ts";
import { decodeRecording, encodeRecording } from "../../../engine/recording/file.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { describeNote } from "../../runner/describeNote.ts";
import { describeEnding, type RunOutcome } from "../../runner/outcome.ts";
import type { RunLimits } from "../../runner/protocol.ts";
import type { Runner } from "../../runner/runner.ts";
import type { Evaluator } from "../evaluator/evaluator.ts";
import type { Evaluated } from "../evaluator/messages.ts";
import type { Breakpoint, ExceptionFilterId } from "./breakpoints.ts";
import { derivativesAt } from "./derivatives.ts";
import { type ExceptionText, exceptionAt } from "./exceptionText.ts";
import { evaluateAt, tensorsIn } from "./expressions.ts";
import { errorFrames, eventLabel, type Frame, framesAt } from "./frames.ts";
import { type Hit, Hits } from "./hits.ts";
import { LiveProgram, type Standing } from "./liveProgram.ts";
import { whyUnknown } from "./matching.ts";
import { Names } from "./names.ts";
import { Sources } from "./sources.ts";
import { type Move, onwards, stopOnKinds, tableFor } from "./stops.ts";
import { Tensors } from "./tensors.ts";
import { start, Timeline } from "./timeline.ts";

/** What to debug, and how. */
export interface LaunchOptions {
  /** The model file; unused when a recording is replayed. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Whether to stop before anything happens. */
  readonly stopOnEntry: boolean;
  /** Kinds of events at which to stop always: keys of `stopOnKinds`, and `end`. */
  readonly stopOn: readonly string[];
  /** Where to keep the recording when the session ends. */
  readonly record: string | null;
  /** Where views find the recording: written when one asks, and at the end. */
  readonly handOver: string | null;
  /** Whether another debugger looks at its JavaScript; whoever makes the runner sees to that. */
  readonly javascript: boolean;
  /** When the program is ended from outside. */
  readonly limits: Partial<RunLimits>;
  /** A kept recording to go through instead of running a program. */
  readonly replay: string | null;
}

/** Why the debugger stands where it does. */
export interface Stop {
  readonly reason: "entry" | "step" | "goto" | "breakpoint" | "exception" | "pause" | "end";
  /** For people. */
  readonly text: string;
  /** Ids of the breakpoints that were hit. */
  readonly hit: readonly number[];
  readonly exception: ExceptionText | null;
}

/** What a session tells whoever shows it. */
export interface SessionListener {
  onStopped(stop: Stop): void;
  onContinued(): void;
  onOutput(stream: "stdout" | "stderr" | "console", text: string, event: number | null): void;
  /** Whether a breakpoint is bound may have changed. */
  onBreakpoints(): void;
  /** The last call. */
  onEnded(exitCode: number): void;
}

/** What a session is made of. */
export interface SessionParts {
  readonly runner: Runner;
  readonly evaluator: Evaluator;
  readonly listener: SessionListener;
}

/**
 * Debugging on one timeline: the events of a recording that a program is still writing, or that was kept. Going back and
 * forth happens on what is recorded; going forward beyond the newest event lets the program run. Knows nothing of any
 * protocol.
 */
export class GradientSession {
  readonly #parts: SessionParts;
  readonly #options: LaunchOptions;
  readonly #stacks = new Map<number, readonly LiveFrame[]>();
  readonly #hits: Hits;
  #program: LiveProgram | null = null;
  #timeline = new Timeline(new Recording());
  #tensors = new Tensors(this.#timeline.recording);
  #names = new Names(this.#timeline.recording);
  #sources = new Sources(this.#timeline.recording);
  #breakpoints: readonly Breakpoint[] = [];
  #position = start;
  #before = start;
  #stop: Stop | null = null;
  /** The move that is going on; a later one takes its place. */
  #moving: object | null = null;
  #pauseAsked = false;
  #atError = false;
  #isOver = false;
  #hasStopped = false;

  constructor(options: LaunchOptions, parts: SessionParts) {
    this.#options = options;
    this.#parts = parts;
    this.#hits = new Hits(
      () => ({ timeline: this.#timeline, tensors: this.#tensors, names: this.#names }),
      (expression, event) => this.evaluate(expression, event),
    );
  }

  get timeline(): Timeline {
    return this.#timeline;
  }

  get tensors(): Tensors {
    return this.#tensors;
  }

  get names(): Names {
    return this.#names;
  }

  get sources(): Sources {
    return this.#sources;
  }

  /** The event at which the debugger stands. */
  get position(): number {
    return this.#position;
  }

  /** Where it stood at the stop before this one. */
  get positionBefore(): number {
    return this.#before;
  }

  /** Why it stands; null while it moves or before it began. */
  get stopped(): Stop | null {
    return this.#stop;
  }

  /**
   * Refuses to answer for a program that runs.
   *
   * @throws Error when it does.
   */
  expectStop(): void {
    if (this.#stop === null) throw new Error("The program is running.");
  }

  /** Whether what is shown is the newest there is, of a program that can go on. */
  get isLive(): boolean {
    return this.#program?.isStanding === true && this.#position === this.#timeline.last;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** How the program ended; null for one that has not, and in a replay. */
  get outcome(): RunOutcome | null {
    return this.#program?.outcome ?? null;
  }

  /**
   * Opens the recording, or starts the program, which stands still before its first line.
   *
   * @throws Error when the recording can't be read.
   */
  async prepare(): Promise<void> {
    if (this.#options.replay !== null) await this.#open(this.#options.replay);
    else this.#launch();
  }

  /** Resolves when it is known which lines breakpoints can be in. */
  async whenLoaded(): Promise<void> {
    await this.#program?.loaded;
  }

  /** Goes on to the first stop. */
  begin(): void {
    this.#parts.listener.onBreakpoints();
    if (this.#options.stopOnEntry && this.#options.replay !== null) this.#standAt(start, entry);
    else this.move(onwards(1));
  }

  /** The breakpoints of all kinds, in place of those before. */
  set breakpoints(all: readonly Breakpoint[]) {
    this.#breakpoints = all;
    this.#hits.keepOnly(all);
    // A running program still has the old ones.
    if (this.#moving !== null) this.#program?.attend();
  }

  get breakpoints(): readonly Breakpoint[] {
    return this.#breakpoints;
  }

  /** Why a breakpoint can't be hit, or may never be; null when nothing speaks against it. */
  whyNot(breakpoint: Breakpoint): string | null {
    if (breakpoint.kind === "line") return this.#sources.whyNot(breakpoint.file, breakpoint.line);
    const parts = { timeline: this.#timeline, tensors: this.#tensors, names: this.#names };
    return whyUnknown(breakpoint, parts, this.#sources);
  }

  /** Begins to move; ends in a call of `onStopped` or `onEnded`. */
  move(move: Move): void {
    if (this.#isOver) return;
    const token = {};
    this.#moving = token;
    this.#stop = null;
    this.#pauseAsked = false;
    void this.#travel(move, token).catch((error: unknown) => {
      this.#parts.listener.onOutput("stderr", `The debugger failed: ${String(error)}\n`, null);
      this.#standAt(this.#position, { reason: "pause", text: "paused", hit: [], exception: null });
    });
  }

  /** Goes to a recorded event at once. */
  goTo(event: number): void {
    this.#moving = null;
    this.#standAt(event, { reason: "goto", text: this.label(event), hit: [], exception: null });
  }

  /** Stops wherever the program is. */
  pause(): void {
    this.#pauseAsked = true;
    this.#program?.attend();
  }

  /** Ends the program, keeps the recording where asked to, and tells that it is over. */
  async end(): Promise<void> {
    this.#moving = null;
    if (this.#isOver) return;
    if (this.#program !== null && this.#program.outcome === null) await this.#program.stop();
    await this.#finish();
  }

  label(event: number): string {
    return eventLabel(event, this.#timeline, this.#names);
  }

  /** The call stack at the position, or another event. */
  async frames(event = this.#position): Promise<Frame[]> {
    if (this.#atError && event === this.#position) {
      const frames = errorFrames(this.#timeline);
      if (frames.length > 0) return frames;
    }
    if (event === this.#timeline.last && this.#program?.isStanding && event !== start && !this.#stacks.has(event)) {
      const stack = await this.#program.stack();
      if (stack !== null) this.#stacks.set(event, stack);
    }
    const liveStack = this.#stacks.get(event) ?? null;
    return framesAt(event, { timeline: this.#timeline, names: this.#names, liveStack });
  }

  async evaluate(expression: string, event = this.#position): Promise<Evaluated> {
    const { evaluator } = this.#parts;
    const parts = { timeline: this.#timeline, tensors: this.#tensors, names: this.#names, evaluator };
    for (const tensor of tensorsIn(expression, event, parts)) await this.keepWhole(tensor, event);
    return evaluateAt(expression, event, parts);
  }

  /** Of a tensor that was too large to be kept whole all elements can still be had while the program holds it. */
  async keepWhole(tensor: number, event = this.#position): Promise<void> {
    const held = this.#tensors.at(tensor, event);
    const isWhole = held?.isCurrent === true && held.stride === 1;
    if (isWhole || event !== this.#timeline.last || !this.#program?.isStanding) return;
    if (await this.#program.keepWhole(tensor)) this.#update();
  }

  /** The derivatives of a node's op by each of its inputs, or why they can't be told. */
  derivatives(node: number): ReturnType<typeof derivativesAt> {
    const { evaluator } = this.#parts;
    return derivativesAt(node, { timeline: this.#timeline, tensors: this.#tensors, evaluator });
  }

  /** Writes to a tensor of the running program; gives null, or why that can't be. `handedOn`: see `LiveEdit`. */
  async edit(tensor: number, element: number | null, value: number, handedOn: number | null): Promise<string | null> {
    if (this.#program === null) return "A recording can't be changed.";
    if (!this.isLive) return "Only what the program holds right now can be changed, and this is the past.";
    const result = await this.#program.edit({ tensor, element, value, handedOn });
    if (result.problem !== null) return result.problem;
    this.#update();
    if (handedOn !== null) this.#timeline.replaceOutput(this.#position, handedOn, result.tensor);
    return null;
  }

  /** Writes what there is of the recording to where views look for it. */
  async handOver(): Promise<void> {
    const { handOver } = this.#options;
    if (handOver !== null) await writeFile(handOver, encodeRecording(this.#timeline.recording));
  }

  async #open(file: string): Promise<void> {
    this.#follow(decodeRecording(await readFile(file)));
  }

  #launch(): void {
    const { program, args, cwd, env, limits } = this.#options;
    const { listener } = this.#parts;
    this.#program = new LiveProgram(
      this.#parts.runner,
      { file: program, args, env, limits, ...(cwd === null ? {} : { cwd }) },
      {
        onConsole: ({ stream, text }) => listener.onOutput(stream, text, null),
        onNote: (note) => listener.onOutput("console", `${describeNote(note)}\n`, null),
        onFile: ({ file }) => this.#sources.loaded(file),
      },
    );
    void this.#program.done.then((outcome) => this.#tellEnding(outcome));
    this.#follow(this.#program.recording);
  }

  /** A program can end while the debugger stands: killed from outside, or out of memory. */
  #tellEnding(outcome: RunOutcome): void {
    if (outcome.kind !== "ok" && outcome.kind !== "stopped")
      this.#parts.listener.onOutput("stderr", `${describeEnding(outcome)}\n`, null);
  }

  #follow(recording: Recording): void {
    this.#timeline = new Timeline(recording);
    this.#tensors = new Tensors(recording);
    this.#names = new Names(recording);
    this.#sources = new Sources(recording);
  }

  #update(): void {
    this.#timeline.update();
    this.#tensors.update();
    this.#names.update();
  }

  async #travel(move: Move, token: object): Promise<void> {
    const { direction } = move;
    let event = this.#position + direction;
    for (;;) {
      for (; event > start && event <= this.#timeline.last; event += direction) {
        const found = this.#check(event, move);
        const stop = found instanceof Promise ? await found : found;
        if (this.#moving !== token) return;
        if (stop !== null) {
          this.#standAt(event, stop);
          return;
        }
        if (this.#pauseAsked && !this.#isRunning) {
          this.#standAt(event, paused);
          return;
        }
      }
      if (direction === -1) {
        this.#standAt(start, { ...entry, text: "start of the recording" });
        return;
      }
      if (!(await this.#runOn(move, token))) return;
    }
  }

  get #isRunning(): boolean {
    return this.#program !== null && this.#program.outcome === null && !this.#program.isStanding;
  }

  /** Lets the program run until it reports; tells whether there may be more to look at. */
  async #runOn(move: Move, token: object): Promise<boolean> {
    const program = this.#program;
    if (program === null) {
      this.#reachEnd();
      return false;
    }
    const seen = this.#timeline.last;
    const report = program.isStanding ? await program.go(this.#table(move)) : await program.next();
    this.#update();
    if (this.#moving !== token) return false;
    if (report === null) return this.#timeline.last > seen ? true : this.#reachEnd();
    return this.#heed(report, seen);
  }

  /** What to do about a report, apart from looking at its event. */
  #heed(report: Standing, seen: number): boolean {
    if (report.kind === "loaded") {
      this.#parts.listener.onBreakpoints();
      if (!this.#options.stopOnEntry || this.#hasStopped) return true;
      this.#standAt(start, entry);
      return false;
    }
    // The event itself is looked at first: it may be a stop of its own.
    if (!this.#pauseAsked || report.event > seen) return true;
    this.#standAt(report.event, paused);
    return false;
  }

  #table(move: Move) {
    // Faults alone are looked for at no cost: what led to one can be looked at as far as a usual recording tells it.
    const hasBreakpoint = this.#breakpoints.some(({ kind }) => kind !== "exception");
    const keeps = this.#hasStopped || hasBreakpoint || this.#stopOn !== 0 || this.#options.record !== null;
    return tableFor(this.#breakpoints, move, this.#stopOn, this.#timeline, keeps);
  }

  get #stopOn(): number {
    return this.#options.stopOn.reduce((mask, what) => mask | (stopOnKinds[what] ?? 0), 0);
  }

  #check(event: number, move: Move): Stop | null | Promise<Stop | null> {
    const { timeline } = this;
    if (!timeline.isStep(event)) return null;
    const hit = this.#breakpoints.length === 0 ? [] : this.#hits.at(event, this.#breakpoints, move.direction);
    if (hit instanceof Promise) return hit.then((found) => this.#stopFor(event, move, found));
    return this.#stopFor(event, move, hit);
  }

  #stopFor(event: number, move: Move, hits: readonly Hit[]): Stop | null {
    const stops: Breakpoint[] = [];
    for (const hit of hits) {
      if (hit.kind === "text") this.#parts.listener.onOutput("console", `${hit.text}\n`, event);
      else stops.push(hit.breakpoint);
    }
    const label = this.label(event);
    const fault = stops.find((one) => one.kind === "exception");
    const ids = stops.map(({ id }) => id);
    if (fault?.kind === "exception") return this.#exception(fault.filter, event, ids);
    if (stops.length > 0) return { reason: "breakpoint", text: label, hit: ids, exception: null };
    if ((this.#stopOn & (1 << this.timeline.kind(event))) !== 0)
      return { reason: "breakpoint", text: label, hit: [], exception: null };
    return move.wants(event) ? { reason: move.reason, text: label, hit: [], exception: null } : null;
  }

  #exception(filter: ExceptionFilterId, event: number, hit: readonly number[]): Stop {
    const exception = exceptionAt(filter, event, { timeline: this.#timeline, names: this.#names });
    return { reason: "exception", text: exception.title, hit, exception };
  }

  /** Nothing more will come. Tells that there is nothing to look at. */
  #reachEnd(): false {
    const { outcome } = this;
    const filter = this.#breakpoints.find((one) => one.kind === "exception" && one.filter === "uncaught");
    const failed = outcome?.kind === "error" || outcome?.kind === "compile-error";
    // Whoever stands there already wants to go on.
    if (filter !== undefined && failed && !this.#atError) {
      this.#atError = true;
      this.#standAt(this.#timeline.last, this.#exception("uncaught", this.#timeline.last, [filter.id]));
      return false;
    }
    const stopsAtEnd = this.#program === null || this.#options.stopOn.includes("end");
    const last = this.#timeline.nearestStep(this.#timeline.last, -1) ?? this.#timeline.last;
    if (stopsAtEnd && this.#position < last && outcome?.kind !== "stopped") {
      this.#standAt(last, { reason: "end", text: "end of the program", hit: [], exception: null });
      return false;
    }
    void this.#finish();
    return false;
  }

  #standAt(event: number, stop: Stop): void {
    this.#moving = null;
    this.#pauseAsked = false;
    if (stop.exception?.filter !== "uncaught") this.#atError = false;
    this.#before = this.#position;
    this.#position = event;
    this.#stop = stop;
    this.#hasStopped = true;
    // While somebody reads where it stands, the thread that they will ask something can start.
    this.#parts.evaluator.warm();
    this.#parts.listener.onStopped(stop);
  }

  async #finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop = null;
    const { listener } = this.#parts;
    const { outcome } = this;
    await this.#keep();
    listener.onEnded(exitCodeOf(outcome));
  }

  async #keep(): Promise<void> {
    const { record } = this.#options;
    if (this.#program === null) return;
    try {
      await this.handOver();
      if (record !== null) await writeFile(record, encodeRecording(this.#timeline.recording));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.listener.onOutput("stderr", `The recording could not be kept: ${why}\n`, null);
    }
  }
}

const entry: Stop = { reason: "entry", text: "start of the program", hit: [], exception: null };
const paused: Stop = { reason: "pause", text: "paused", hit: [], exception: null };

function exitCodeOf(outcome: RunOutcome | null): number {
  if (outcome === null || outcome.kind === "ok" || outcome.kind === "stopped") return 0;
  return outcome.kind === "exited" ? outcome.code : 1;
}
