import type { Disposable } from "../disposables.ts";
import type { RunResult } from "../results/runResult.ts";
import type { RunService } from "../runs/runService.ts";

/** Runs before the last one that are kept to be compared with, and how many events they may have together. */
const most = { runs: 6, events: 2_000_000 };

/** A run that can be compared with. */
export interface EarlierRun {
  /** Stays the same as long as the window lives. */
  readonly id: number;
  readonly result: RunResult;
}

/** The last runs of this window, the latest last. */
export class RunHistory implements Disposable {
  #runs: EarlierRun[] = [];
  #lastId = 0;
  readonly #listening: Disposable;

  constructor(runs: Pick<RunService, "onDidEnd">) {
    this.#listening = runs.onDidEnd((result) => this.#add(result));
  }

  /** What a run can be compared with: those before it of the same model, and recordings that were opened. */
  before(result: RunResult): readonly EarlierRun[] {
    return this.#runs.filter((run) => run.result !== result && run.result.key === result.key && !run.result.isEmpty);
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

  #add(result: RunResult): void {
    this.#runs.push({ id: ++this.#lastId, result });
    const size = (): number => this.#runs.reduce((sum, run) => sum + run.result.recording.tables.events.rows, 0);
    // The latest stays in any case: it is on screen.
    while (this.#runs.length > 1 && (this.#runs.length > most.runs || size() > most.events)) this.#runs.shift();
  }
}
