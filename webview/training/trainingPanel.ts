import { isBoolean, isNumber, shapeOf } from "../protocol/guards.ts";
import type { TrainingEvents, TrainingMissing, TrainingRequests, TrainingShown } from "../protocol/training.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";

/** What fills the panel. */
export type Content =
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly message: string }
  | TrainingShown
  | TrainingMissing;

/** How the curves are looked at; kept while the panel is hidden. */
export interface Arrangement {
  readonly isTable: boolean;
  readonly isLog: boolean;
  /** The first of the parameters whose curves are shown. */
  readonly first: number;
}

export const isKeptTraining = shapeOf<Arrangement>({ isTable: isBoolean, isLog: isBoolean, first: isNumber });

/** The training panel's state and what a user can do with it. */
export class TrainingPanel {
  readonly content = new Atom<Content>({ kind: "nothing" });
  readonly arrangement: Atom<Arrangement>;
  readonly theme = new Atom<Theme>(readTheme());
  readonly query = new Atom("");
  /** The parameter that is selected, by its tensor; -1 for none. */
  readonly selected = new Atom(-1);
  readonly notice = new Atom<string | null>(null);
  readonly #rpc: RpcClient<TrainingRequests, TrainingEvents>;
  #isLoading = false;
  #isWanted = false;

  constructor(rpc: RpcClient<TrainingRequests, TrainingEvents>, kept: Persisted<Arrangement>) {
    this.#rpc = rpc;
    this.arrangement = new Atom<Arrangement>(kept.value ?? { isTable: false, isLog: false, first: 0 });
    this.arrangement.subscribe((arrangement) => kept.save(arrangement));
    rpc.on("trainingChanged", () => void this.load());
  }

  /** Asks for the curves; one question at a time, however often they change. */
  async load(): Promise<void> {
    this.#isWanted = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        this.content.set(await this.#rpc.ask("loadTraining", [], { timeout: 120_000 }));
      } catch (error) {
        this.content.set({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
      }
    }
    this.#isLoading = false;
  }

  refreshTheme(): void {
    this.theme.set(readTheme());
  }

  arrange(change: Partial<Arrangement>): void {
    this.arrangement.patch(change);
  }

  search(query: string): void {
    this.query.set(query);
    this.arrange({ first: 0 });
  }

  /** Selects a parameter and shows where it was named. */
  choose(tensor: number): void {
    this.selected.set(tensor);
    this.#rpc.ask("revealParameter", [tensor]).catch((error: unknown) => this.notice.set(String(error)));
  }

  runModel(): void {
    this.#rpc.ask("runModel", [], { timeout: 0 }).catch((error: unknown) => this.notice.set(String(error)));
  }
}
