import type { LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { ModuleNode } from "../../engine/recording/queries/profile/moduleTree.ts";
import type { OpGrouping } from "../../engine/recording/queries/profile/opTable.ts";
import type {
  ComparisonReply,
  MemoryReply,
  PackedOps,
  ProfileFormat,
  ProfileMissing,
  ProfileReply,
  ProfilerEvents,
  ProfilerRequests,
  ProfileShown,
} from "../protocol/profiler.ts";
import type { PackedTimeline, SourcePlace } from "../protocol/timeline.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";
import { buildFlame, FlameChart } from "./flame/flameChart.ts";
import type { KeptView, Tab } from "./keptView.ts";
import { Loadable } from "./loadable.ts";
import { isSelectedLine, nothingSelected, type Selection, spansFound, spansOf } from "./selection.ts";
import { describeSpan, nameOf, placeOfSpan } from "./spanWords.ts";

/** What fills the panel. */
export type Content =
  | { readonly kind: "nothing" }
  | ProfileMissing
  | { readonly kind: "failed"; readonly message: string }
  | ProfileShown;

/** How the panel's parts are arranged. */
export interface Arrangement {
  readonly tab: Tab;
  readonly isTable: boolean;
  readonly isSideOpen: boolean;
  readonly sideWidth: number;
}

/** What the panel is connected to. */
export interface Connections {
  readonly rpc: RpcClient<ProfilerRequests, ProfilerEvents>;
  readonly kept: Persisted<KeptView>;
}

/** A recording of a million ops takes its time on a slow line. */
const patience = { timeout: 120_000 };

/** The profiler panel's state and everything a user can do with it; the views read the atoms and call the methods. */
export class ProfilerPanel {
  readonly content = new Atom<Content>({ kind: "nothing" });
  readonly arrangement: Atom<Arrangement>;
  readonly theme = new Atom<Theme>(readTheme());
  readonly selection = new Atom<Selection>(nothingSelected);
  readonly query = new Atom("");
  /** How many spans the query finds, or the selection means. */
  readonly foundCount = new Atom(0);
  readonly grouping = new Atom<Required<OpGrouping>>({ byShape: false, bySite: false, byModule: false });
  /** The name in the middle of the sandwich. */
  readonly sandwichName = new Atom<string | null>(null);
  /** Which run is compared with; -1 for none. */
  readonly other = new Atom(-1);
  /** What a screen reader says next, and what a short message at the bottom shows. */
  readonly spoken = new Atom("");
  readonly notice = new Atom<string | null>(null);

  readonly timelineChart = new FlameChart((span) => this.#selectSpan(this.timelineChart, span));
  readonly mergedChart = new FlameChart((span) => this.#selectSpan(this.mergedChart, span));
  readonly callersChart = new FlameChart((span) => this.#selectSpan(this.callersChart, span));
  readonly calleesChart = new FlameChart((span) => this.#selectSpan(this.calleesChart, span));

  readonly timeline: Loadable<PackedTimeline>;
  readonly merged: Loadable<PackedTimeline>;
  readonly sandwich: Loadable<string>;
  readonly ops: Loadable<PackedOps>;
  readonly modules: Loadable<readonly ModuleNode[]>;
  readonly lines: Loadable<LineCosts>;
  readonly memory: Loadable<MemoryReply>;
  readonly comparison: Loadable<ComparisonReply>;

  readonly #connections: Connections;
  #restore: KeptView["view"];
  #loading = 0;
  /** A line that is to be shown as soon as the timeline is there. */
  #waitingLine: SourcePlace | null = null;

  constructor(connections: Connections) {
    const { rpc, kept } = connections;
    this.#connections = connections;
    this.#restore = kept.value?.view ?? null;
    this.arrangement = new Atom<Arrangement>({
      tab: kept.value?.tab ?? "timeline",
      isTable: kept.value?.isTable ?? false,
      isSideOpen: kept.value?.isSideOpen ?? window.innerWidth >= 760,
      sideWidth: kept.value?.sideWidth ?? 260,
    });
    this.timeline = new Loadable(() => this.#showTimeline());
    this.merged = new Loadable(() => this.#showMerged());
    this.sandwich = new Loadable(() => this.#showSandwich());
    this.ops = new Loadable(() => rpc.ask("loadOps", [this.grouping.get()], patience));
    this.modules = new Loadable(() => rpc.ask("loadModules", [], patience));
    this.lines = new Loadable(() => rpc.ask("loadLines", [], patience));
    this.memory = new Loadable(() => rpc.ask("loadMemory", [], patience));
    this.comparison = new Loadable(() => rpc.ask("loadComparison", [Math.max(0, this.other.get())], patience));
    rpc.on("profileChanged", () => void this.load());
    rpc.on("cursorMoved", (file, line) => this.#followCursor({ file, line, column: 1 }));
    rpc.on("showLine", (file, line) => this.#showLine({ file, line, column: 1 }));
    for (const atom of [this.arrangement, this.timelineChart.view]) {
      (atom as Atom<unknown>).subscribe(() => this.#keep());
    }
  }

  /** Asks what there is to see; what is on screen stays until that is known. */
  async load(): Promise<void> {
    const loading = ++this.#loading;
    try {
      const reply = await this.#connections.rpc.ask("loadProfile", [], patience);
      if (loading === this.#loading) this.#show(reply);
    } catch (error) {
      if (loading === this.#loading) this.content.set({ kind: "failed", message: messageOf(error) });
    }
  }

  refreshTheme(): void {
    this.theme.set(readTheme());
  }

  arrange(change: Partial<Arrangement>): void {
    this.arrangement.patch(change);
  }

  search(query: string): void {
    this.query.set(query);
    this.#emphasize();
    this.spoken.set(query === "" ? "" : `${this.foundCount.get()} found`);
  }

  stepFound(by: 1 | -1): void {
    const chart = this.#chartInSight();
    const span = chart?.nextFound(by) ?? -1;
    if (!chart || span < 0) return;
    chart.reveal(span);
    this.#tellSpan(chart, span);
  }

  group(change: Partial<OpGrouping>): void {
    this.grouping.patch(change);
    this.ops.forget();
    this.ops.ensure();
  }

  compareWith(other: number): void {
    this.other.set(other);
    this.comparison.forget();
    this.comparison.ensure();
  }

  /** Compares with a saved recording that the user chooses. */
  async compareWithSaved(): Promise<void> {
    try {
      const chosen = await this.#connections.rpc.ask("chooseOther", [], { timeout: 0 });
      const content = this.content.get();
      if (chosen === null || content.kind !== "profile") return;
      this.content.set({ ...content, others: [...content.others.filter(({ id }) => id !== chosen.id), chosen] });
      this.compareWith(chosen.id);
    } catch (error) {
      this.notice.set(messageOf(error));
    }
  }

  async export(format: ProfileFormat): Promise<void> {
    try {
      const file = await this.#connections.rpc.ask("exportProfile", [format], { timeout: 0 });
      if (file !== null) this.notice.set(`Saved ${file}`);
    } catch (error) {
      this.notice.set(messageOf(error));
    }
  }

  /** Puts a name in the middle of the sandwich. */
  chooseSandwich(name: string): void {
    this.sandwichName.set(name);
    this.sandwich.forget();
  }

  /** Shows the sandwich of a name. */
  openSandwich(name: string): void {
    this.chooseSandwich(name);
    this.arrange({ tab: "sandwich" });
  }

  /** Selects what a row of a table stands for, and shows it in the editor. */
  choose(selection: Partial<Selection>): void {
    const whole = { ...nothingSelected, ...selection };
    this.#select(whole);
    const { span, place } = whole;
    if (span >= 0) this.timelineChart.reveal(span);
    if (place) this.revealSource(place);
  }

  clearSelection(): void {
    this.#select(nothingSelected);
    this.timelineChart.selected.set(-1);
  }

  /** Goes to a span of the timeline. */
  goTo(span: number): void {
    this.timelineChart.reveal(span);
    this.#tellSpan(this.timelineChart, span);
  }

  revealSource(place: SourcePlace): void {
    this.#ask("revealSource", [place]);
  }

  revealSelected(): void {
    const { place } = this.selection.get();
    if (place) this.revealSource(place);
    else this.notice.set("Where this was written is not known.");
  }

  showInGraph(place: SourcePlace): void {
    this.#ask("showInGraph", [place]);
  }

  profileModel(): void {
    this.#ask("profileModel", []);
  }

  openTrace(): void {
    this.#ask("openTrace", []);
  }

  closeTrace(): void {
    this.#ask("closeTrace", []);
  }

  #ask<K extends "revealSource" | "showInGraph" | "profileModel" | "openTrace" | "closeTrace">(
    method: K,
    args: Parameters<ProfilerRequests[K]>,
  ): void {
    const asked: Promise<unknown> = this.#connections.rpc.ask(method, args as never, { timeout: 0 });
    asked.catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  #show(reply: ProfileReply): void {
    for (const part of [this.timeline, this.merged, this.sandwich, this.ops]) part.forget();
    for (const part of [this.modules, this.lines, this.memory, this.comparison]) part.forget();
    this.selection.set(nothingSelected);
    if (reply.kind === "profile") {
      const isKnown = reply.others.some(({ id }) => id === this.other.get());
      if (!isKnown) this.other.set(reply.others.at(-1)?.id ?? -1);
      if (reply.source === "trace" && !isForTraces(this.arrangement.get().tab)) this.arrange({ tab: "timeline" });
    }
    this.content.set(reply);
    // Every other view refers to spans of it.
    if (reply.kind === "profile") this.timeline.ensure();
  }

  async #showTimeline(): Promise<PackedTimeline> {
    const timeline = await this.#connections.rpc.ask("loadTimeline", [], patience);
    this.timelineChart.show(buildFlame(timeline), this.#restore);
    this.#restore = null;
    if (this.#waitingLine) this.#showLine(this.#waitingLine);
    this.#emphasize();
    return timeline;
  }

  async #showMerged(): Promise<PackedTimeline> {
    const merged = await this.#connections.rpc.ask("loadMerged", [], patience);
    this.mergedChart.show(buildFlame(merged));
    this.#emphasize();
    return merged;
  }

  async #showSandwich(): Promise<string> {
    const name = this.sandwichName.get() ?? "";
    const { callers, callees } = await this.#connections.rpc.ask("loadSandwich", [name], patience);
    this.callersChart.show(buildFlame(callers));
    this.calleesChart.show(buildFlame(callees));
    return name;
  }

  #selectSpan(chart: FlameChart, span: number): void {
    const model = chart.model.get();
    if (!model || span < 0) {
      this.#select(nothingSelected);
      return;
    }
    this.#tellSpan(chart, span);
    const place = placeOfSpan(model.timeline, span);
    if (place) this.revealSource(place);
  }

  /** Selects a span in every view, and says what it is. */
  #tellSpan(chart: FlameChart, span: number): void {
    const model = chart.model.get();
    if (!model) return;
    const { timeline } = model;
    const isMoment = chart === this.timelineChart;
    this.#select({ span: isMoment ? span : -1, name: nameOf(timeline, span), place: placeOfSpan(timeline, span) });
    this.spoken.set(describeSpan(model, span, chart.view.get(), chart.size.width).join("; "));
  }

  #select(selection: Selection): void {
    this.selection.set(selection);
    this.#emphasize();
  }

  /** What is searched for stands out in the charts; without a search, what belongs to a selection made elsewhere. */
  #emphasize(): void {
    let count = 0;
    for (const chart of [this.timelineChart, this.mergedChart]) {
      const timeline = chart.model.get()?.timeline;
      if (!timeline) continue;
      const selection = this.selection.get();
      const isWholeMeant = selection.span < 0 && chart === this.timelineChart;
      const wanted = spansFound(this.query.get(), timeline) ?? (isWholeMeant ? spansOf(selection, timeline) : null);
      const found = chart.emphasize(wanted);
      if (chart === this.#chartInSight() || count === 0) count = found;
    }
    this.foundCount.set(count);
  }

  #followCursor(place: SourcePlace): void {
    if (isSelectedLine(this.selection.get(), place)) return;
    const timeline = this.timeline.value;
    const isKnown = timeline?.places.some((one) => isSelectedLine({ ...nothingSelected, place }, one)) ?? false;
    if (isKnown) this.#select({ ...nothingSelected, place });
    else if (this.selection.get().span < 0) this.#select(nothingSelected);
  }

  #showLine(place: SourcePlace): void {
    const timeline = this.timeline.value ?? this.timelineChart.model.get()?.timeline;
    this.#waitingLine = timeline ? null : place;
    if (!timeline) return;
    this.#select({ ...nothingSelected, place });
    const belongs = spansOf(this.selection.get(), timeline);
    let longest = -1;
    const length = (span: number): number => (timeline.end[span] ?? 0) - (timeline.start[span] ?? 0);
    for (let span = 0; belongs && span < timeline.count; span++) {
      if (belongs(span) && (longest < 0 || length(span) > length(longest))) longest = span;
    }
    if (longest >= 0) this.timelineChart.reveal(longest);
    else this.notice.set(`Nothing was recorded at line ${place.line}.`);
  }

  #chartInSight(): FlameChart | null {
    const { tab } = this.arrangement.get();
    if (tab === "timeline") return this.timelineChart;
    return tab === "merged" ? this.mergedChart : null;
  }

  #keep(): void {
    const { tab, isTable, isSideOpen, sideWidth } = this.arrangement.get();
    const view = this.timelineChart.model.get() === null ? this.#restore : this.timelineChart.view.get();
    this.#connections.kept.save({ tab, isTable, isSideOpen, sideWidth, view });
  }
}

/** A foreign trace has times and names, and nothing else. */
export function isForTraces(tab: Tab): boolean {
  return tab === "timeline" || tab === "merged" || tab === "sandwich" || tab === "ops";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
