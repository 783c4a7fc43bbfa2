import type { Place } from "../../engine/recording/queries/rows.ts";
import type {
  OverviewEvents,
  OverviewMissing,
  OverviewRequests,
  OverviewShown,
  RunningNow,
} from "../protocol/overview.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";
import { firstLook, type OverviewLook } from "./model.ts";

/** What fills the panel. */
export type OverviewContent =
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly message: string }
  | OverviewMissing
  | OverviewShown;

/** Requests that only lead somewhere else. */
type Errand = Exclude<keyof OverviewRequests, "loadOverview">;

/** The overview's state and everything a user can do with it. */
export class OverviewPanel {
  readonly content = new Atom<OverviewContent>({ kind: "nothing" });
  readonly running = new Atom<RunningNow | null>(null);
  readonly look: Atom<OverviewLook>;
  readonly theme = new Atom<Theme>(readTheme());
  /** The line that the editor's cursor is in. */
  readonly cursor = new Atom<{ readonly file: string; readonly line: number } | null>(null);
  readonly spoken = new Atom("");
  readonly notice = new Atom<string | null>(null);
  readonly #rpc: RpcClient<OverviewRequests, OverviewEvents>;
  #loading = 0;

  constructor(rpc: RpcClient<OverviewRequests, OverviewEvents>, kept: Persisted<OverviewLook>) {
    this.#rpc = rpc;
    this.look = new Atom<OverviewLook>(kept.value ?? firstLook);
    this.look.subscribe((look) => kept.save(look));
    rpc.on("overviewChanged", () => void this.load());
    rpc.on("runningChanged", (running) => this.running.set(running));
    rpc.on("cursorMoved", (file, line) => this.cursor.set({ file, line }));
  }

  /** Asks for the run on screen; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    const loading = ++this.#loading;
    try {
      const reply = await this.#rpc.ask("loadOverview", [], { timeout: 120_000 });
      if (loading !== this.#loading) return;
      const before = this.content.get();
      this.content.set(reply);
      this.running.set(reply.running);
      if (reply.kind === "overview" && isNewRun(before, reply)) this.spoken.set(`${reply.run.file}: ${reply.headline}`);
    } catch (error) {
      if (loading !== this.#loading) return;
      if (this.content.get().kind === "overview") this.notice.set(messageOf(error));
      else this.content.set({ kind: "failed", message: messageOf(error) });
    }
  }

  refreshTheme(): void {
    this.theme.set(readTheme());
  }

  /** Leads to an editor, a panel or a command. */
  send<K extends Errand>(errand: K, ...args: Parameters<OverviewRequests[K]>): void {
    this.#rpc.ask(errand, args as never, { timeout: 0 }).catch((error: unknown) => this.notice.set(messageOf(error)));
  }

  reveal(place: Place | null): void {
    if (place === null) this.notice.set("Where this was written is not known.");
    else this.send("revealSource", place);
  }

  toggleFold(section: string): void {
    const { folded } = this.look.get();
    const isFolded = folded.includes(section);
    this.look.patch({ folded: isFolded ? folded.filter((one) => one !== section) : [...folded, section] });
  }
}

function isNewRun(before: OverviewContent, now: OverviewShown): boolean {
  return before.kind !== "overview" || before.run.startedAt !== now.run.startedAt;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
