import { type FileMove, moveFiles } from "../../engine/recording/moveFiles.ts";
import { type HeatScale, heatScale } from "../../engine/recording/paint/heat.ts";
import { historyOf } from "../../engine/recording/queries/alerts/history.ts";
import { type Alert, type AlertOptions, alertsInParts, findAlerts } from "../../engine/recording/queries/alerts.ts";
import { reasonsInParts } from "../../engine/recording/queries/gradReason.ts";
import { buildGraph, graphInParts } from "../../engine/recording/queries/graph.ts";
import type { Graph } from "../../engine/recording/queries/graphTypes.ts";
import type { Parts } from "../../engine/recording/queries/parts.ts";
import { namedTensors, type TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { type TensorLine, tensorsByLine } from "../../engine/recording/queries/tensorsByLine.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { describeEnding, describeError, describeKeptEnding, type RunOutcome } from "../runner/outcome.ts";
import type { RunNote } from "../runner/protocol.ts";
import { inTurns, whileWanted } from "./inTurns.ts";
import { pathKey, realPathKey } from "./pathKey.ts";

/** A finished recording with everything that views ask of it, each question answered once. */
export class RunResult {
  readonly recording: Recording;
  /** How the run ended; null for a recording that was opened from a file. */
  readonly outcome: RunOutcome | null;
  /** The user's files as they were when the run read them, by path key. */
  readonly texts: ReadonlyMap<string, string>;
  /** What the runner noticed besides. */
  readonly notes: readonly RunNote[];
  #tensors: readonly TensorInfo[] | null = null;
  #alerts: readonly Alert[] | null = null;
  #alertOptions: AlertOptions = {};
  /** What `prepare` was asked for last. */
  #preparing: AlertOptions = this.#alertOptions;
  #lines: ReadonlyMap<string, readonly TensorLine[]> | null = null;
  #graph: Graph | null = null;
  #heat: HeatScale | null | undefined;
  #moved: { readonly move: FileMove; readonly result: RunResult } | null = null;

  constructor(
    recording: Recording,
    outcome: RunOutcome | null,
    texts: ReadonlyMap<string, string> = new Map(),
    notes: readonly RunNote[] = [],
  ) {
    this.notes = notes;
    this.recording = recording;
    this.outcome = outcome;
    this.texts = texts;
  }

  /** The path key of the model file. */
  get key(): string {
    return realPathKey(this.recording.meta.file);
  }

  /** Whether the program did not come to its end on its own or by the user's wish. */
  get failed(): boolean {
    const kind = this.outcome?.kind ?? this.recording.meta.outcome;
    if (kind === "stopped" || kind === "timeout") return this.isEmpty;
    // A recording does not tell the exit code; one that was cut off while it was written tells no ending.
    if (kind === "exited") return this.outcome?.kind === "exited" && this.outcome.code !== 0;
    return kind !== "ok" && kind !== "running";
  }

  /** How it ended, in a sentence. */
  get ending(): string {
    if (this.outcome !== null) return describeEnding(this.outcome);
    const { error, meta } = this.recording;
    return error === null ? describeKeptEnding(meta) : describeError(error);
  }

  /** Whether there is nothing to see in it. */
  get isEmpty(): boolean {
    // Row 0 of the table stands for "none".
    return this.recording.tables.tensors.rows <= 1;
  }

  get tensors(): readonly TensorInfo[] {
    this.#tensors ??= namedTensors(this.recording);
    return this.#tensors;
  }

  get alerts(): readonly Alert[] {
    this.#alerts ??= findAlerts(this.recording, this.#askedFor(this.#alertOptions));
    return this.#alerts;
  }

  /** The same after a move of files: itself when none of its own was moved, and one and the same however often it is asked for. */
  movedBy(move: FileMove): RunResult {
    if (this.#moved?.move !== move) this.#moved = { move, result: this.#after(move) };
    return this.#moved.result;
  }

  #after(move: FileMove): RunResult {
    const { meta, sites, names } = this.recording;
    const files = [meta.file, ...this.texts.keys(), ...[...sites.values(), ...names.values()].map(({ file }) => file)];
    if (files.every((file) => move(file) === file)) return this;
    const texts = new Map([...this.texts].map(([key, text]) => [realPathKey(move(key)), text]));
    const { outcome, notes } = moveFiles({ outcome: this.outcome, notes: this.notes }, move);
    const moved = new RunResult(this.recording.movedBy(move), outcome, texts, notes);
    moved.chooseAlerts(this.#alertOptions);
    moved.#alerts = moveFiles(this.#alerts, move);
    moved.#graph = moveFiles(this.#graph, move);
    return moved;
  }

  /**
   * Works out what views ask first, for what the user wants to hear of by now, so that other extensions have their turn meanwhile: of a million ops it
   * takes long. What was known before is to be seen until then; when something else is asked for, this ends.
   */
  async prepare(options: AlertOptions = this.#alertOptions): Promise<void> {
    this.#preparing = options;
    if (options === this.#alertOptions && this.#alerts !== null && this.#graph !== null) return;
    await inTurns(this.#preparation(options));
  }

  *#preparation(options: AlertOptions): Parts<void> {
    const isWanted = (): boolean => options === this.#preparing;
    const alerts = yield* whileWanted(alertsInParts(this.recording, this.#askedFor(options)), isWanted);
    yield* whileWanted(reasonsInParts(historyOf(this.recording)), isWanted);
    if (alerts === null) return;
    const graph = yield* whileWanted(graphInParts(this.recording, { alerts }), isWanted);
    if (graph === null) return;
    this.#alertOptions = options;
    this.#alerts = alerts;
    this.#graph = graph;
  }

  #askedFor(options: AlertOptions): AlertOptions {
    return { ...options, sources: (file) => this.texts.get(realPathKey(file)) };
  }

  /** Changes what the user wants to hear of: alerts and the graph are worked out anew when they are asked for. */
  chooseAlerts(options: AlertOptions): void {
    this.#preparing = options;
    if (options === this.#alertOptions) return;
    this.#alertOptions = options;
    this.#alerts = null;
    this.#graph = null;
  }

  get graph(): Graph {
    this.#graph ??= buildGraph(this.recording, { alerts: this.alerts });
    return this.#graph;
  }

  /** The run's scale for gradient sizes; null when it has no gradients. */
  get heat(): HeatScale | null {
    if (this.#heat === undefined) this.#heat = heatScale(this.graph);
    return this.#heat;
  }

  /** What the lines of a file name; the file by its path key. */
  linesOf(key: string): readonly TensorLine[] {
    this.#lines ??= new Map([...tensorsByLine(this.tensors)].map(([file, lines]) => [pathKey(file), lines]));
    return this.#lines.get(key) ?? [];
  }

  tensor(id: number): TensorInfo | null {
    return this.tensors.find((tensor) => tensor.id === id) ?? null;
  }
}
