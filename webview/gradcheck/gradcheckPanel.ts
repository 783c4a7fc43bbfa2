import type { Place } from "../../engine/recording/queries/rows.ts";
import type {
  GradcheckEvents,
  GradcheckRequests,
  GradchecksMissing,
  GradchecksShown,
  ShownGradcheck,
} from "../protocol/gradcheck.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";
import { type Entry, firstEntry, type KeptView, nextWrong, type PairModel, pairModel, stepFrom } from "./model.ts";
import { entryWords } from "./words.ts";

/** What fills the panel. */
export type Content =
  | { readonly kind: "nothing" }
  | GradchecksMissing
  | GradchecksShown
  | { readonly kind: "failed"; readonly message: string };

/** The check on screen. */
export interface Chosen {
  readonly index: number;
  readonly check: ShownGradcheck;
  /** Null while they are on their way. */
  readonly pairs: readonly PairModel[] | null;
  readonly pair: number;
  readonly entry: Entry;
}

/** What the panel is connected to. */
export interface Connections {
  readonly rpc: RpcClient<GradcheckRequests, GradcheckEvents>;
  readonly kept: Persisted<KeptView>;
}

/** The gradcheck panel's state and everything a user can do with it. */
export class GradcheckPanel {
  readonly content = new Atom<Content>({ kind: "nothing" });
  readonly chosen = new Atom<Chosen | null>(null);
  readonly theme = new Atom<Theme>(readTheme());
  readonly spoken = new Atom("");
  readonly notice = new Atom<string | null>(null);
  readonly #connections: Connections;
  #wanted: number | null;
  /** A line asked for before the checks were there. */
  #line: { readonly file: string; readonly line: number } | null = null;
  #loads = 0;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#wanted = connections.kept.value?.check ?? null;
    connections.rpc.on("gradchecksChanged", () => void this.load());
    connections.rpc.on("showLine", (file, line) => {
      this.#line = { file, line };
      this.#followLine();
    });
    connections.rpc.on("showCheck", (number) => {
      const content = this.content.get();
      if (content.kind === "gradchecks") this.choose(content.checks.findIndex((check) => check.number === number));
    });
  }

  /** Asks for the checks and shows one: the line asked for, the one that was on screen, else the first that failed. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const reply = await this.#connections.rpc.ask("loadGradchecks", []);
      if (load !== this.#loads) return;
      this.content.set(reply);
      if (reply.kind === "empty") {
        this.chosen.set(null);
        return;
      }
      const { checks } = reply;
      const failed = checks.findIndex(({ passed }) => !passed);
      const before = this.#wanted !== null && this.#wanted < checks.length ? this.#wanted : null;
      const stays = before !== null && checks[before]?.passed === false;
      this.choose(stays ? before : Math.max(0, failed));
      this.#followLine();
    } catch (error) {
      if (load === this.#loads) this.content.set({ kind: "failed", message: messageOf(error) });
    }
  }

  /** Shows a check. */
  choose(index: number): void {
    const content = this.content.get();
    const check = content.kind === "gradchecks" ? content.checks[index] : undefined;
    if (check === undefined) return;
    this.#wanted = index;
    this.#connections.kept.save({ check: index });
    this.chosen.set({ index, check, pairs: null, pair: 0, entry: { row: 0, col: 0 } });
    void this.#loadPairs(check);
  }

  choosePair(pair: number): void {
    const chosen = this.chosen.get();
    const model = chosen?.pairs?.[pair];
    if (!chosen || !model) return;
    this.chosen.set({ ...chosen, pair, entry: firstEntry(model, chosen.check) });
  }

  select(entry: Entry): void {
    this.chosen.patch({ entry });
    const model = this.#model;
    const chosen = this.chosen.get();
    if (model && chosen) this.spoken.set(entryWords(model, entry, chosen.check));
  }

  move(down: number, right: number): void {
    const model = this.#model;
    const chosen = this.chosen.get();
    if (model && chosen) this.select(stepFrom(model.pair, chosen.entry, down, right));
  }

  nextWrong(by: 1 | -1): void {
    const model = this.#model;
    const chosen = this.chosen.get();
    if (model && chosen) this.select(nextWrong(model, chosen.entry, by));
  }

  refreshTheme(): void {
    this.theme.set(readTheme());
  }

  reveal(place: Place | null): void {
    if (place === null) {
      this.notice.set("Where this was written is not known.");
      return;
    }
    this.#connections.rpc.ask("revealSource", [place]).catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  runModel(): void {
    this.#connections.rpc
      .ask("runModel", [], { timeout: 0 })
      .catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  get #model(): PairModel | null {
    const chosen = this.chosen.get();
    return chosen?.pairs?.[chosen.pair] ?? null;
  }

  async #loadPairs(check: ShownGradcheck): Promise<void> {
    try {
      const rows = await this.#connections.rpc.ask("loadJacobians", [check.number]);
      const chosen = this.chosen.get();
      if (chosen?.check !== check) return;
      const pairs = rows.map((row) => pairModel(row, check));
      const [first] = pairs;
      this.chosen.set({ ...chosen, pairs, entry: first ? firstEntry(first, check) : chosen.entry });
    } catch (error) {
      this.notice.set(messageOf(error));
    }
  }

  #followLine(): void {
    const content = this.content.get();
    const line = this.#line;
    if (content.kind !== "gradchecks" || line === null) return;
    const at = content.checks.findIndex(({ place }) => place?.file === line.file && place.line === line.line);
    if (at !== -1) this.choose(at);
    this.#line = null;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
