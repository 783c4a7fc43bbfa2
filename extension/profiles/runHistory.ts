import type { FileMove } from "../../engine/recording/moveFiles.ts";
import type { Disposable } from "../disposables.ts";
import type { RunResult } from "../results/runResult.ts";
import type { RunService } from "../runs/runService.ts";

/** Runs of this window that are kept, and how many events they may have together; the same for saved recordings. */
const most = { runs: 6, events: 2_000_000 };

/** A run that can be compared with. */
export interface EarlierRun {
  /** Stays the same as long as the window lives. */
  readonly id: number;
  readonly result: RunResult;
  /** The file of a saved recording; null for a run of this window. */
  readonly file: string | null;
}

/** The last runs of this window and recordings that were chosen to be compared with, the latest last. */
export class RunHistory implements Disposable {
  #runs: EarlierRun[] = [];
  #lastId = 0;
  readonly #listening: Disposable;

  constructor(runs: Pick<RunService, "onDidEnd">) {
    this.#listening = runs.onDidEnd((result) => this.#add(result));
  }

  /** The runs before one, of the same model. */
  before(result: RunResult): readonly EarlierRun[] {
    return this.comparable(result).filter(({ file }) => file === null);
  }

  /** What a run can be compared with: those before it of the same model, and saved recordings of any. */
  comparable(result: RunResult): readonly EarlierRun[] {
    const { startedAt } = result.recording.meta;
    const isBefore = (run: RunResult): boolean => run.key === result.key && run.recording.meta.startedAt < startedAt;
    return this.#runs.filter((run) => !run.result.isEmpty && (run.file !== null || isBefore(run.result)));
  }

  get(id: number): RunResult | null {
    return this.#runs.find((run) => run.id === id)?.result ?? null;
  }

  get recordings() {
    return this.#runs.map(({ result }) => result.recording);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#runs = [];
  }

  /** Files were moved: the runs of a model stay comparable. */
  move(move: FileMove): void {
    this.#runs = this.#runs.map((run) => (run.file === null ? { ...run, result: run.result.movedBy(move) } : run));
  }

  /** Takes in a saved recording, in place of what was read from its file before. */
  addSaved(result: RunResult, file: string): EarlierRun {
    this.#runs = this.#runs.filter((run) => run.file !== file);
    return this.#add(result, file);
  }

  #add(result: RunResult, file: string | null = null): EarlierRun {
    const added = { id: ++this.#lastId, result, file };
    this.#runs.push(added);
    // Those of the same kind alone make room: the latest run of this window never does for a saved one to compare it with.
    const alike = this.#runs.filter((run) => (run.file === null) === (file === null));
    const size = (): number => alike.reduce((sum, run) => sum + run.result.recording.tables.events.rows, 0);
    while (alike.length > 1 && (alike.length > most.runs || size() > most.events)) {
      const oldest = alike.shift();
      this.#runs = this.#runs.filter((run) => run !== oldest);
    }
    return added;
  }
}
