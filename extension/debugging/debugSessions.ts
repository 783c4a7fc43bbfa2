import { mkdtempSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { decodeRecording } from "../../engine/recording/file.ts";
import type { Grid } from "../../engine/recording/queries/grid.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { ClickedVariable } from "../commands/clickedVariable.ts";
import { Bag } from "../disposables.ts";
import type { GraphPanels } from "../panels/graphPanels.ts";
import type { TensorPanels } from "../panels/tensorPanels.ts";
import { TensorAnswers } from "../panels/tensorReply.ts";
import type { Results } from "../results/results.ts";
import { RunResult } from "../results/runResult.ts";
import { SourceTexts } from "../runs/sourceTexts.ts";
import { Adapters } from "./adapters.ts";
import { Configurations } from "./configurations.ts";
import { debugType } from "./debugType.ts";
import { InlineValues } from "./inlineValues.ts";

/** What debug sessions are shown in. */
export interface DebugSessionsParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly graphs: GraphPanels;
  readonly tensorViewer: TensorPanels;
  readonly log: vscode.LogOutputChannel;
}

/** What the adapter answers about a tensor: its numbers as base64, where they were kept. */
interface TensorReply {
  readonly tensor: number;
  readonly shape: readonly number[];
  readonly values: string | null;
  readonly gradient: string | null;
}

/** What the adapter tells at each stop. */
interface Position {
  /** Row of the recording's events. */
  readonly event: number;
  /** The newest row that there is. */
  readonly last: number;
}

/** Sessions of the gradient debugger in this window: the graph follows them, and what they leave is shown as a run is. */
export class DebugSessions implements vscode.Disposable {
  readonly #parts: DebugSessionsParts;
  readonly #bag = new Bag();
  /** Where sessions hand recordings over; made for the first one. */
  #folder: string | null = null;
  /** The newest event of the recording that the graph shows, by session. */
  readonly #shown = new Map<string, number>();
  /** Where each session stood last. */
  readonly #positions = new Map<string, Position>();
  /** The tensor that the viewer was opened with, and a name that finds it at other stops, if it has one. */
  #viewed: { readonly session: string; readonly name: string | null } | null = null;
  #count = 0;

  constructor(parts: DebugSessionsParts) {
    this.#parts = parts;
    const configurations = new Configurations(() => this.#nextHandOver());
    const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
    const adapters = new Adapters(parts.extensionUri.fsPath);
    this.#bag.own(vscode.debug.registerDebugConfigurationProvider(debugType, configurations, Initial));
    this.#bag.own(vscode.debug.registerDebugConfigurationProvider(debugType, configurations, Dynamic));
    this.#bag.own(vscode.debug.registerDebugAdapterDescriptorFactory(debugType, adapters));
    this.#bag.own(new InlineValues());
    this.#bag.own(vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => this.#onEvent(event)));
    this.#bag.own(parts.graphs.onDidOpen(() => this.#catchUp()));
    this.#bag.own(vscode.debug.onDidChangeActiveDebugSession(() => this.#catchUp()));
    this.#bag.own(vscode.debug.onDidTerminateDebugSession((session) => this.#onEnd(session)));
  }

  /** Asks the active session something that the protocol has no request for. Refused when none is active. */
  async ask(request: string, args: unknown = {}): Promise<unknown> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type !== debugType) throw new Error(vscode.l10n.t("No gradient debugger is running."));
    return session.customRequest(`gradlens/${request}`, args);
  }

  /** Shows a row of the Variables view in the tensor viewer, where it follows the debugger. Refused when none is active. */
  async viewTensor(row: object, { name, evaluateName }: ClickedVariable["variable"]): Promise<void> {
    this.#parts.tensorViewer.showDebugged(await this.#tensorHere(row, name));
    const session = vscode.debug.activeDebugSession?.id;
    // The expression `w.grad` means w and its gradient, and not the gradient as a tensor of its own, which was asked for.
    const isName = evaluateName !== undefined && !evaluateName.endsWith(".grad");
    this.#viewed = session === undefined ? null : { session, name: isName ? evaluateName : null };
  }

  /** A tensor with all its elements, as it is where the active session stands. Refused when none is active. */
  async #tensorHere(clicked: object, name: string): Promise<TensorAnswers> {
    const reply = (await this.ask("tensor", clicked)) as TensorReply;
    await this.ask("handOver");
    const session = vscode.debug.activeDebugSession;
    const result = session === undefined ? null : await this.#read(session);
    const tensor =
      result === null ? undefined : namedTensors(result.recording, { all: true }).find(({ id }) => id === reply.tensor);
    if (result === null || tensor === undefined) throw new Error(vscode.l10n.t("The debugger has no such tensor."));
    const moment = { step: 0, value: gridOf(reply.values, reply.shape), grad: gridOf(reply.gradient, reply.shape) };
    return new TensorAnswers(result, { ...tensor, name: tensor.name ?? name }, { unit: "step", moments: [moment] });
  }

  dispose(): void {
    this.#bag.dispose();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #nextHandOver(): string {
    this.#folder ??= mkdtempSync(path.join(os.tmpdir(), "gradlens-debug-"));
    return path.join(this.#folder, `${++this.#count}.gradlens`);
  }

  #onEvent({ session, event, body }: vscode.DebugSessionCustomEvent): void {
    if (session.type !== debugType) return;
    if (event === "gradlens/javascript") this.#debugJavaScript(session, body.configuration);
    if (event !== "gradlens/position") return;
    this.#positions.set(session.id, body as Position);
    if (isBehindAnother(session)) return;
    this.#followOrSay(session, body as Position);
    this.#followTensor(session).catch((error: unknown) => this.#parts.log.debug("The tensor is not there.", error));
  }

  /** Starts VS Code's own debugger beside a session that has asked for it. */
  #debugJavaScript(parentSession: vscode.DebugSession, configuration: vscode.DebugConfiguration): void {
    const { workspaceFolder } = parentSession;
    vscode.debug.startDebugging(workspaceFolder, configuration, { parentSession }).then(
      (isStarted) => {
        if (!isStarted) void vscode.debug.stopDebugging(parentSession);
      },
      (error: unknown) => this.#parts.log.error("The debugger of JavaScript did not start.", error),
    );
  }

  /** A graph that is opened now, or showed another session, shows where the active one stands. */
  #catchUp(): void {
    const session = vscode.debug.activeDebugSession;
    if (session === undefined) return;
    const position = this.#positions.get(session.id);
    if (position === undefined) return;
    this.#shown.delete(session.id);
    this.#followOrSay(session, position);
  }

  #followOrSay(session: vscode.DebugSession, position: Position): void {
    this.#follow(session, position).catch((error: unknown) => this.#parts.log.warn("The graph can't follow.", error));
  }

  /** Where there is no such tensor yet, or nobody looks, the viewer stays as it is. */
  async #followTensor({ id }: vscode.DebugSession): Promise<void> {
    const { tensorViewer } = this.#parts;
    const viewed = this.#viewed;
    if (viewed?.session !== id || viewed.name === null || !tensorViewer.isDebugged) return;
    const position = this.#positions.get(id);
    const answers = await this.#tensorHere({ expression: viewed.name }, viewed.name);
    if (this.#viewed === viewed && this.#positions.get(id) === position) tensorViewer.followDebugged(answers);
  }

  /** Where the graph is not open nothing has to be handed over. */
  async #follow(session: vscode.DebugSession, { event, last }: Position): Promise<void> {
    const { graphs } = this.#parts;
    if (!graphs.isOpen) return;
    if (this.#shown.get(session.id) !== last) {
      await session.customRequest("gradlens/handOver");
      const result = await this.#read(session);
      // Meanwhile it may have gone on, or ended.
      if (result === null || this.#positions.get(session.id)?.last !== last) return;
      this.#shown.set(session.id, last);
      graphs.showDebugged(result);
    }
    graphs.showFrame(event);
  }

  async #onEnd(session: vscode.DebugSession): Promise<void> {
    // The debugger of JavaScript that a session started: stopping one stops both.
    const { parentSession } = session;
    if (parentSession?.type === debugType) await vscode.debug.stopDebugging(parentSession);
    if (session.type !== debugType) return;
    const { graphs, results, tensorViewer } = this.#parts;
    this.#shown.delete(session.id);
    this.#positions.delete(session.id);
    if (this.#viewed?.session === session.id) tensorViewer.followDebugged(null);
    graphs.showFrame(null);
    graphs.showDebugged(null);
    this.#catchUp();
    const isReplay = session.configuration["replay"] !== undefined;
    const result = isReplay ? null : await this.#read(session);
    // A session that was stopped half-way is no run to look at in place of the last one.
    if (result === null || result.isEmpty || result.recording.meta.outcome === "stopped") return;
    await results.prepare(result);
    results.add(result);
  }

  /** What a session has handed over; null when that is nothing. */
  async #read({ configuration }: vscode.DebugSession): Promise<RunResult | null> {
    const file: unknown = configuration["handOver"];
    if (typeof file !== "string") return null;
    try {
      const recording = decodeRecording(await readFile(file));
      return new RunResult(recording, null, await textsOf(recording));
    } catch {
      return null;
    }
  }
}

/** Whether VS Code shows the variables and the calls of another gradient debugger. That of JavaScript is beside ours. */
function isBehindAnother({ id }: vscode.DebugSession): boolean {
  const active = vscode.debug.activeDebugSession;
  return active?.type === debugType && active.id !== id;
}

function gridOf(base64: string | null, shape: readonly number[]): Grid | null {
  if (base64 === null) return null;
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return { shape, steps: shape.map(() => 1), numbers: new Float64Array(bytes.buffer) };
}

/** The texts of a session's files, where they are still as it read them. */
async function textsOf({ meta, sites, names }: Recording): Promise<ReadonlyMap<string, string>> {
  const texts = new SourceTexts();
  const files = new Set([...sites.values(), ...names.values()].map(({ file }) => file));
  for (const file of files) {
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (changed <= meta.startedAt) texts.add(file);
  }
  return texts.finish();
}
