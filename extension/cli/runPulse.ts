import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { EventKind } from "../../engine/recording/schema.ts";

/** What is to be said about a run that goes on. Reads each event once, however often it is asked. */
export class RunPulse {
  readonly #name: string;
  readonly #recording: Recording;
  readonly #began = Date.now();
  #read = 1;
  #steps = 0;
  #loss = Number.NaN;

  constructor(name: string, recording: Recording) {
    this.#name = name;
    this.#recording = recording;
  }

  text(): string {
    this.#readOn();
    const seconds = `${((Date.now() - this.#began) / 1000).toFixed(1)} s`;
    const events = this.#recording.tables.events.rows;
    const progress = events === 0 ? "starting" : `${events.toLocaleString("en")} events`;
    const training = this.#steps === 0 ? [] : [`step ${this.#steps}, loss ${formatNumber(this.#loss)}`];
    return [`running ${this.#name}`, seconds, progress, ...training, "Ctrl+C stops"].join(" · ");
  }

  #readOn(): void {
    const { rows, column } = this.#recording.tables.events;
    for (; this.#read < rows; this.#read++) {
      const kind = column.kind[this.#read];
      if (kind === EventKind.backwardStart) this.#loss = column.value[this.#read] ?? Number.NaN;
      if (kind === EventKind.optimizerStart) this.#steps++;
    }
  }
}
