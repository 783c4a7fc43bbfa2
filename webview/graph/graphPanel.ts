import { assembleDrawing, type DrawingPlan, planDrawing, type Rect } from "../../engine/recording/layout/drawing.ts";
import type { LayoutResult } from "../../engine/recording/layout/layered/types.ts";
import type { Folds } from "../../engine/recording/layout/visibleGraph.ts";
import { TextMeasure } from "../draw/textMeasure.ts";
import { shownRect, toScreen } from "../draw/viewport.ts";
import type { FileKind, GraphEvents, GraphMissing, GraphReply, GraphRequests, GraphShown } from "../protocol/graph.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";
import { Camera } from "./camera.ts";
import { boxOfSelection, type Drawn, indexDrawing, nearestBox, selectionOfBox } from "./drawn.ts";
import { exportPicture } from "./exportPicture.ts";
import { buildModel, type GraphModel } from "./graphModel.ts";
import type { LayoutClient } from "./layoutClient.ts";
import { emphasize, lookAt } from "./lookOf.ts";
import type { GraphView, KeptView } from "./model.ts";
import * as views from "./model.ts";
import { playbackPace } from "./playback.ts";
import { describeBox } from "./words.ts";

/** What fills the panel. */
export type Content =
  | { readonly kind: "nothing" }
  | GraphMissing
  | { readonly kind: "failed"; readonly message: string }
  | GraphShown;

/** Work the user waits for. */
export interface Busy {
  readonly what: string;
  /** From 0 to 1; null when not known. */
  readonly share: number | null;
}

/** How the panel's parts are arranged. */
export interface Arrangement {
  readonly isSideOpen: boolean;
  readonly sideWidth: number;
  readonly isTable: boolean;
}

/** What the panel is connected to. */
export interface Connections {
  readonly rpc: RpcClient<GraphRequests, GraphEvents>;
  readonly layouts: LayoutClient;
  readonly kept: Persisted<KeptView>;
}

/** The graph panel's state and everything a user can do with it; the views read the atoms and call the methods. */
export class GraphPanel {
  readonly content = new Atom<Content>({ kind: "nothing" });
  readonly view = new Atom<GraphView | null>(null);
  readonly drawn = new Atom<Drawn | null>(null);
  readonly busy = new Atom<Busy | null>(null);
  readonly theme = new Atom<Theme>(readTheme());
  readonly arrangement: Atom<Arrangement>;
  readonly camera = new Camera();
  /** What a screen reader says next, and what a short message at the bottom shows. */
  readonly spoken = new Atom("");
  readonly notice = new Atom<string | null>(null);
  readonly #connections: Connections;
  #measure: TextMeasure;
  /** The graph that is being read and placed for the first time; null when none is. */
  #loading: AbortController | null = null;
  /** The placing of the graph on screen anew. */
  #laying = new AbortController();
  /** What is done as soon as the graph that is loading is there, the latest of each kind. */
  readonly #afterLoad = new Map<"cursor" | "line" | "frame" | "reveal", () => void>();
  #choice: number | null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #restore: KeptView | null;
  #drawnFolds: Folds = new Set();
  /** How many nodes there were when a debugger was last followed: with others the graph has grown. */
  #followedNodes = 0;

  constructor(connections: Connections) {
    const kept = connections.kept.value;
    this.#connections = connections;
    this.#restore = kept;
    this.#choice = kept?.choice ?? null;
    this.#measure = new TextMeasure(this.theme.get().fontFamily);
    this.arrangement = new Atom<Arrangement>({
      // Beside an editor the panel is narrow: then the graph has all of it until the user asks for more.
      isSideOpen: kept?.isSideOpen ?? window.innerWidth >= 760,
      sideWidth: kept?.sideWidth ?? 280,
      isTable: kept?.isTable ?? false,
    });
    connections.rpc.on("graphChanged", () => void this.load());
    connections.rpc.on("cursorMoved", (file, line) =>
      this.#whenLoaded("cursor", () => this.#change((view, { model }) => views.moveCursor(view, model, file, line))),
    );
    connections.rpc.on("showLine", (file, line) =>
      this.#whenLoaded("line", () =>
        this.#change((view, { model }) => views.showLine(view, model, file, line), "selection"),
      ),
    );
    connections.rpc.on("frameMoved", (event) => this.#whenLoaded("frame", () => this.#followFrame(event)));
    for (const atom of [this.camera.view, this.arrangement, this.view]) atom.subscribe(() => this.#keep());
    this.drawn.subscribe((drawn) => {
      this.camera.whole = drawn && wholeOf(drawn);
    });
  }

  get measure(): TextMeasure {
    return this.#measure;
  }

  /** Asks for the graph and draws it; what is on screen stays until the new one is ready. */
  async load(choice = this.#choice): Promise<void> {
    this.#choice = choice;
    const loading = this.#startLoading();
    const { signal } = loading;
    this.busy.set({ what: "Reading the recording", share: null });
    try {
      const reply = await this.#connections.rpc.ask("loadGraph", [{ choice }], { signal, timeout: 120_000 });
      // Reading a large reply took a moment already: what the user did meanwhile comes before the next one.
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      await this.#show(reply, signal);
    } catch (error) {
      if (loading !== this.#loading) return;
      if (!this.drawn.get()) this.content.set({ kind: "failed", message: messageOf(error) });
      else this.notice.set(messageOf(error));
    }
    if (loading === this.#loading) this.#endLoading();
  }

  /** Gives up what the user waits for. */
  cancel(): void {
    const reason = new Error("Cancelled.");
    this.#loading?.abort(reason);
    this.#laying.abort(reason);
    this.busy.set(null);
  }

  refreshTheme(): void {
    const before = this.theme.get();
    const theme = readTheme();
    this.theme.set(theme);
    if (theme.fontFamily === before.fontFamily) return;
    this.#measure = new TextMeasure(theme.fontFamily);
    // What is loading is placed with the new font before it is shown.
    if (this.#loading === null) void this.#layout(null);
  }

  select(box: number): void {
    this.#change((view, drawn) => ({ ...view, selected: selectionOfBox(drawn, box) }));
    this.#speak();
  }

  /** Selects a node wherever it is, and brings it into sight. */
  goTo(node: number): void {
    this.#change((view, { model }) => views.showNode(view, model, node), "selection");
  }

  clearSelection(): void {
    this.#change((view) => ({ ...view, selected: null }));
  }

  /** Selects a box, brings it into sight and says what it is. */
  walkTo(box: number): void {
    const rect = this.drawn.get()?.drawing.boxes[box];
    if (!rect) return;
    this.select(box);
    this.camera.reveal(rect);
  }

  /** Shows where the selected node was written. */
  revealSelected(): void {
    const { selected } = this.view.get() ?? {};
    if (selected?.kind === "node") this.revealSource(selected.node);
    if (selected?.kind === "scope") this.toggleFold(selected.key);
  }

  revealSource(node: number): void {
    const site = this.drawn.get()?.model.graph.nodes[node]?.site;
    if (!site) {
      this.notice.set("Where this was written is not known.");
      return;
    }
    this.#connections.rpc.ask("revealSource", [site]).catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  toggleFold(key: string): void {
    this.#change((view) => views.toggleFold(view, key), { module: key });
  }

  foldAll(): void {
    this.#change((view, { model }) => views.foldAll(view, model), "surroundings");
  }

  unfoldAll(): void {
    this.#change((view) => views.unfoldAll(view), "surroundings");
  }

  search(query: string): void {
    this.#change((view, { model }) => views.search(view, model, query));
    const count = this.view.get()?.matches.length ?? 0;
    this.spoken.set(query === "" ? "" : `${count} found`);
  }

  stepMatch(by: 1 | -1): void {
    this.#change((view, { model }) => views.stepMatch(view, model, by), "selection");
  }

  setDirection(direction: GraphView["direction"]): void {
    this.#change((view) => views.setDirection(view, direction));
  }

  play(): void {
    this.#change((view, { model }) => views.play(view, model));
  }

  pause(): void {
    this.#change((view) => views.pause(view));
  }

  goToStep(step: number): void {
    this.#change((view, { model }) => ({
      ...views.goToStep(view, model, step),
      showsPlayback: true,
      direction: "backward",
    }));
    this.#followPlayback();
  }

  closePlayback(): void {
    this.#change((view) => views.closePlayback(view));
  }

  nextAlert(): void {
    this.#change((view, { model }) => views.nextAlert(view, model));
    this.showAlert();
  }

  /** Brings the shown alert's origin into sight. */
  showAlert(): void {
    const { alert = -1 } = this.view.get() ?? {};
    const origin = this.drawn.get()?.model.graph.alerts[alert]?.origin ?? -1;
    if (origin >= 0) this.goTo(origin);
  }

  pointAtEdge(edge: number): void {
    this.#change((view) => ({ ...view, pointedEdge: edge }));
  }

  /** Brings an edge of the chain rule into sight. */
  revealEdge(edge: number): void {
    const drawn = this.drawn.get();
    const bounds = drawn?.edgeBounds[drawn.edgeOf[edge] ?? -1];
    if (bounds) this.camera.reveal(bounds);
  }

  fit(): void {
    const drawn = this.drawn.get();
    if (drawn) this.camera.fit(wholeOf(drawn));
  }

  arrange(change: Partial<Arrangement>): void {
    this.arrangement.patch(change);
  }

  runModel(): void {
    this.#connections.rpc
      .ask("runModel", [], { timeout: 0 })
      .catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  async save(kind: FileKind): Promise<void> {
    const drawn = this.drawn.get();
    const view = this.view.get();
    if (!drawn || !view) return;
    try {
      const look = lookAt(emphasize(drawn, view, this.measureText), this.theme.get().palette, 1, -1, true);
      const data = exportPicture(kind, drawn, look, this.#measure);
      const file = await this.#connections.rpc.ask("saveFile", [kind, data], { timeout: 0 });
      if (file !== null) this.notice.set(`Saved ${file}`);
    } catch (error) {
      this.notice.set(messageOf(error));
    }
  }

  readonly measureText = (text: string, font: Parameters<TextMeasure["width"]>[1]): number =>
    this.#measure.width(text, font);

  async #show(reply: GraphReply, signal: AbortSignal): Promise<void> {
    if (reply.kind === "empty") {
      this.drawn.set(null);
      this.view.set(null);
      this.content.set(reply);
      return;
    }
    const model = buildModel(reply.graph);
    const drawn = await this.#placeAsWanted(model, signal);
    const view = this.#viewOf(model);
    this.#drawnFolds = view.folds;
    const isFirst = this.drawn.get() === null;
    this.content.set(reply);
    this.view.set(view);
    this.drawn.set(drawn);
    this.#watchPlayback();
    const camera = this.#restore?.camera;
    this.#restore = null;
    if (camera) this.camera.jumpTo(camera);
    else if (isFirst) this.camera.open(wholeOf(drawn));
  }

  /** Places a graph; again when the user folded or the font changed meanwhile. */
  async #placeAsWanted(model: GraphModel, signal: AbortSignal): Promise<Drawn> {
    for (;;) {
      const { folds } = this.#viewOf(model);
      const measure = this.#measure;
      const drawn = await this.#place(model, folds, signal);
      signal.throwIfAborted();
      if (measure === this.#measure && sameFolds(folds, this.#viewOf(model).folds)) return drawn;
    }
  }

  /** How a graph that comes now is looked at: as the one on screen is at this moment. */
  #viewOf(model: GraphModel): GraphView {
    const now = this.view.get();
    const shown = this.drawn.get()?.model;
    const view = now ? views.carriedOver(now, model, shown ?? null) : views.firstViewOf(model);
    return this.#restoreView(view, model.scopeOfKey);
  }

  #restoreView(view: GraphView, known: ReadonlyMap<string, number>): GraphView {
    const kept = this.#restore;
    if (!kept) return view;
    const folds = kept.folds.filter((key) => known.has(key));
    const fits = folds.length === kept.folds.length;
    return { ...view, direction: kept.direction, folds: fits ? new Set(folds) : view.folds };
  }

  /** Applies a change of view; lays out again when folds changed, and then keeps in place what `hold` says. */
  #change(change: (view: GraphView, drawn: Drawn) => GraphView, hold: Hold | null = null): void {
    const before = this.view.get();
    const drawn = this.drawn.get();
    if (!before || !drawn) return;
    const view = change(before, drawn);
    this.view.set(view);
    this.#watchPlayback();
    const isRefolded = !sameFolds(before.folds, view.folds);
    if (isRefolded && this.#loading) {
      // The graph that comes is placed with these folds: placing the old one too would only be in its way.
      if (hold === "selection") this.#afterLoad.set("reveal", () => this.#revealSelection());
    } else if (isRefolded) void this.#layout(hold);
    else if (hold === "selection") this.#revealSelection();
  }

  /** Draws the view's folds; when that fails or is given up, the folds of the drawing on screen are taken back. */
  async #layout(hold: Hold | null): Promise<void> {
    const before = this.drawn.get();
    const folds = this.view.get()?.folds;
    if (!before || !folds) return;
    this.#laying.abort(new Error("Replaced by newer work."));
    this.#laying = new AbortController();
    const { signal } = this.#laying;
    try {
      const drawn = await this.#place(before.model, folds, signal);
      signal.throwIfAborted();
      this.#drawnFolds = folds;
      this.drawn.set(drawn);
      if (hold === "surroundings") this.#holdSurroundings(before, drawn);
      else if (hold === "selection") this.#revealSelection();
      else if (hold) this.#holdInPlace(rectOfScope(before, hold.module), rectOfScope(drawn, hold.module));
    } catch (error) {
      if (signal !== this.#laying.signal) return;
      this.notice.set(messageOf(error));
      const view = this.view.get();
      if (view) this.view.set({ ...view, folds: this.#drawnFolds });
    }
    if (signal === this.#laying.signal) this.busy.set(null);
  }

  async #place(model: GraphModel, folds: Folds, signal: AbortSignal): Promise<Drawn> {
    const plan = planDrawing(model.graph, model.tree, folds, this.measureText);
    const result = await this.#runLayout(plan, signal);
    return indexDrawing(model, assembleDrawing(plan, result));
  }

  #runLayout(plan: DrawingPlan, signal: AbortSignal): Promise<LayoutResult> {
    const what = `Placing ${plan.boxes.length.toLocaleString()} boxes`;
    this.busy.set({ what, share: null });
    return this.#connections.layouts.layout(plan.input, {
      signal,
      onProgress: (share) => this.busy.set({ what, share }),
    });
  }

  #startLoading(): AbortController {
    const reason = new Error("Replaced by newer work.");
    this.#loading?.abort(reason);
    this.#laying.abort(reason);
    // Another one, so that what was aborted sees that it is no longer waited for.
    this.#laying = new AbortController();
    this.#loading = new AbortController();
    return this.#loading;
  }

  /** Does what waited for the graph. When it did not come, the one on screen gets the folds that were chosen meanwhile. */
  #endLoading(): void {
    this.#loading = null;
    this.busy.set(null);
    const folds = this.view.get()?.folds;
    if (folds && !sameFolds(folds, this.#drawnFolds)) void this.#layout(null);
    const waiting = [...this.#afterLoad.values()];
    this.#afterLoad.clear();
    for (const act of waiting) act();
  }

  /** What is said about a line speaks of the graph that is loading, which may have other lines than the one on screen. */
  #whenLoaded(kind: "cursor" | "line" | "frame", act: () => void): void {
    if (this.#loading) this.#afterLoad.set(kind, act);
    else act();
  }

  /** What was folded or unfolded stays under the pointer. */
  #holdInPlace(before: Rect | null, after: Rect | null): void {
    if (!before || !after) return;
    const view = this.camera.view.get();
    const was = toScreen(view, { x: before.x + Math.min(before.width, 40), y: before.y });
    const is = toScreen(view, { x: after.x + Math.min(after.width, 40), y: after.y });
    this.camera.pan(was.x - is.x, was.y - is.y);
  }

  /** Shows the whole graph when it can be read so; otherwise what was in the middle of the screen stays there. */
  #holdSurroundings(before: Drawn, after: Drawn): void {
    if (this.camera.showsReadably(wholeOf(after))) {
      this.camera.fit(wholeOf(after));
      return;
    }
    const { x, y, width, height } = shownRect(this.camera.view.get(), this.camera.screen);
    const box = nearestBox(before, { x: x + width / 2, y: y + height / 2 });
    const node = box?.node ?? -1;
    const inside = node >= 0 ? node : before.drawing.boxOfNode.indexOf(box?.index ?? -1);
    const rect = after.drawing.boxes[after.drawing.boxOfNode[inside] ?? -1];
    this.#holdInPlace(box ?? null, rect ?? null);
  }

  #revealSelection(): void {
    const drawn = this.drawn.get();
    const box = drawn ? boxOfSelection(drawn, this.view.get()?.selected ?? null) : -1;
    const rect = drawn?.drawing.boxes[box];
    if (rect) this.camera.reveal(rect);
    this.#speak();
  }

  #speak(): void {
    const drawn = this.drawn.get();
    const box = drawn?.drawing.boxes[boxOfSelection(drawn, this.view.get()?.selected ?? null)];
    if (drawn && box) this.spoken.set(describeBox(drawn.model, box));
  }

  #watchPlayback(): void {
    const view = this.view.get();
    const steps = this.drawn.get()?.model.graph.backward.length ?? 0;
    if (!view?.isPlaying) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setInterval(() => this.goToStep((this.view.get()?.step ?? 0) + 1), playbackPace(steps));
    }
  }

  /** Shows where a debugger stands, and brings it into sight. */
  #followFrame(event: number | null): void {
    this.#change((view, { model }) => views.followFrame(view, model, event));
    const drawn = this.drawn.get();
    const view = this.view.get();
    if (!drawn || !view) return;
    const rect = drawn.drawing.boxes[drawn.drawing.boxOfNode[views.nodeOfFrame(drawn.model, view)] ?? -1];
    if (!rect) return;
    // Folding changes the drawing, too, but shows nothing that was not there.
    const nodes = drawn.model.graph.nodes.length;
    this.camera.follow(rect, wholeOf(drawn), nodes !== this.#followedNodes);
    this.#followedNodes = nodes;
  }

  #followPlayback(): void {
    const drawn = this.drawn.get();
    const step = this.view.get()?.step ?? 0;
    const node = drawn?.model.graph.backward[step - 1]?.node ?? -1;
    const rect = drawn?.drawing.boxes[drawn.drawing.boxOfNode[node] ?? -1];
    if (rect) this.camera.reveal(rect);
  }

  #keep(): void {
    const view = this.view.get();
    if (!view || this.#restore) return;
    this.#connections.kept.save({
      folds: [...view.folds],
      direction: view.direction,
      camera: this.camera.view.get(),
      choice: this.#choice,
      ...this.arrangement.get(),
    });
  }
}

/** What stays where it is while everything moves: what is in the middle of the screen, the selection, or the module with this key. */
type Hold = "surroundings" | "selection" | { readonly module: string };

function rectOfScope(drawn: Drawn, key: string): Rect | null {
  const box = drawn.boxOfScope.get(key);
  const scope = drawn.model.scopeOfKey.get(key);
  const frame = drawn.drawing.frames.find((one) => one.scope === scope);
  return (box === undefined ? frame : drawn.drawing.boxes[box]) ?? null;
}

function wholeOf({ drawing }: Drawn): Rect {
  return { x: 0, y: 0, width: drawing.width, height: drawing.height };
}

function sameFolds(a: Folds, b: Folds): boolean {
  return a === b || (a.size === b.size && [...a].every((key) => b.has(key)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
