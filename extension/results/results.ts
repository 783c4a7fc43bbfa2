import type { FileMove } from "../../engine/recording/moveFiles.ts";
import type { AlertOptions } from "../../engine/recording/queries/alerts.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { Emitter } from "../emitter.ts";
import type { RunResult } from "./runResult.ts";

/** What is kept of one model: the result on screen, and the last run when that failed and something better is on screen. */
interface Kept {
  readonly shown: RunResult;
  readonly failed: RunResult | null;
}

/** Whether there is more to see in a run than in a later one that failed: it went well, or came further than to a syntax error. */
const isBetter = (shown: RunResult, failed: RunResult): boolean => !shown.failed || (failed.isEmpty && !shown.isEmpty);

/** The results of this session. A run that failed does not take the last good one off the screen. */
export class Results {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #replaced = new Emitter<void>();
  /** Another run is on screen, or none: told before the change. Other settings and other names of files leave it what it is. */
  readonly onDidReplace = this.#replaced.event;
  #told: Recording | undefined;
  /** By the model's path key, the latest last. */
  readonly #kept = new Map<string, Kept>();

  /** A recording from a file that the user looks at; it takes the place of a run until it is closed or something runs. */
  #opened: RunResult | null = null;
  #alertOptions: AlertOptions = {};
  /** Files that were moved, and when: a run that goes on meanwhile knows them by where they were. */
  readonly #moves: { readonly move: FileMove; readonly at: number }[] = [];

  /** What views that show one run show. */
  get current(): RunResult | null {
    return this.#opened ?? this.#latest?.shown ?? null;
  }

  /** The last run of the model on screen, when it failed and an earlier one is shown. */
  get hiddenFailure(): RunResult | null {
    return this.#opened === null ? (this.#latest?.failed ?? null) : null;
  }

  /** The last run of each model, failed or not: whose faults are to be told. */
  get lastRuns(): RunResult[] {
    return [...this.#kept.values()].map(({ shown, failed }) => failed ?? shown);
  }

  /** The result that has something to say about a file, given by its path key: the latest that ran it, or came across it. */
  about(key: string): RunResult | null {
    const found = [...this.#kept].findLast(([model, { shown }]) => model === key || shown.texts.has(key));
    return found?.[1].shown ?? null;
  }

  /** Changes what the user wants to hear of, in all results; they show it when it is worked out. */
  async chooseAlerts(options: AlertOptions): Promise<void> {
    this.#alertOptions = options;
    // One after the other: each takes as long a turn as others can wait.
    for (const result of this.#all) {
      await result.prepare(options);
      if (options !== this.#alertOptions) return;
    }
    // Those that came or were moved meanwhile.
    for (const result of this.#all) result.chooseAlerts(options);
    if (this.current !== null) this.#tell();
  }

  /** Works out what will be asked of a result first, before it is on screen. */
  async prepare(result: RunResult): Promise<void> {
    for (let options: AlertOptions | null = null; options !== this.#alertOptions; ) {
      options = this.#alertOptions;
      await result.prepare(options);
    }
  }

  /** Adds what a run left, and gives it with its files where they are by now. */
  add(left: RunResult): RunResult {
    const { startedAt } = left.recording.meta;
    const result = this.#moves.filter(({ at }) => at >= startedAt).reduce((one, { move }) => one.movedBy(move), left);
    result.chooseAlerts(this.#alertOptions);
    const before = this.#kept.get(result.key);
    const keepsBefore = result.failed && before !== undefined && isBetter(before.shown, result);
    this.#put(result.key, keepsBefore ? { shown: before.shown, failed: result } : { shown: result, failed: null });
    return result;
  }

  /** Files were moved: what is known of them goes along. A recording that was opened from a file stays what it is. */
  move(move: FileMove): void {
    this.#moves.push({ move, at: Date.now() });
    const all = [...this.#kept.values()];
    const moved = all.map(({ shown, failed }) => ({
      shown: shown.movedBy(move),
      failed: failed?.movedBy(move) ?? null,
    }));
    if (moved.every(({ shown, failed }, i) => shown === all[i]?.shown && failed === all[i]?.failed)) return;
    this.#kept.clear();
    for (const kept of moved) this.#kept.set(kept.shown.key, kept);
    this.#told = this.current?.recording;
    this.#tell();
  }

  /** Shows a recording from a file. */
  open(result: RunResult): void {
    result.chooseAlerts(this.#alertOptions);
    this.#opened = result;
    this.#tell();
  }

  /** The user closed it. */
  close(result: RunResult): void {
    if (this.#opened !== result) return;
    this.#opened = null;
    this.#tell();
  }

  /** Puts the failed run on screen in place of the last good one. */
  showFailure(): void {
    const failed = this.#latest?.failed;
    if (failed) this.#put(failed.key, { shown: failed, failed: null });
  }

  /** Forgets the results of one model, which leaves an opened recording on screen, or all. */
  clear(key?: string): void {
    if (key === undefined) {
      this.#opened = null;
      this.#kept.clear();
    } else {
      this.#kept.delete(key);
    }
    this.#tell();
  }

  dispose(): void {
    this.#changed.dispose();
    this.#replaced.dispose();
  }

  #tell(): void {
    const recording = this.current?.recording;
    if (recording !== this.#told) {
      this.#told = recording;
      this.#replaced.fire();
    }
    this.#changed.fire();
  }

  get #all(): RunResult[] {
    const kept = [...this.#kept.values()].flatMap(({ shown, failed }) => [shown, failed]);
    return [...kept, this.#opened].filter((result) => result !== null);
  }

  get #latest(): Kept | undefined {
    return [...this.#kept.values()].at(-1);
  }

  #put(key: string, kept: Kept): void {
    this.#opened = null;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    this.#tell();
  }
}
