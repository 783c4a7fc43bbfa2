import type { Place } from "../../engine/recording/queries/rows.ts";
import type {
  CopyFormat,
  NumbersOf,
  SliceReply,
  TensorEvents,
  TensorMissing,
  TensorRequests,
  TensorShown,
} from "../protocol/tensor.ts";
import { Atom } from "../ui/atom.ts";
import type { Persisted } from "../ui/persisted.ts";
import type { RpcClient } from "../ui/rpcClient.ts";
import { readTheme, type Theme } from "../ui/theme.ts";
import { type KeptTensor, kindsShown, lookFor, momentOf, type TensorLook } from "./model.ts";

/** What fills the panel. */
export type TensorContent =
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly message: string }
  | TensorMissing
  | TensorShown;

/** A part of a slice: kept rows and columns, the ends not included. */
export interface Window {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

/** The numbers of a window, one list for each kind that is shown. */
export interface Cells extends Window {
  readonly look: TensorLook;
  readonly id: number;
  readonly kinds: readonly NumbersOf[];
  readonly numbers: readonly (readonly number[] | null)[];
}

/** The viewer's state and everything a user can do with it. */
export class TensorPanel {
  readonly content = new Atom<TensorContent>({ kind: "nothing" });
  readonly look = new Atom<TensorLook | null>(null);
  /** Null while nothing is known, and where nothing was recorded. */
  readonly slice = new Atom<SliceReply | null>(null);
  readonly cells = new Atom<Cells | null>(null);
  readonly theme = new Atom<Theme>(readTheme());
  readonly spoken = new Atom("");
  readonly notice = new Atom<string | null>(null);
  readonly #rpc: RpcClient<TensorRequests, TensorEvents>;
  readonly #kept: Persisted<KeptTensor>;
  #restore: KeptTensor | null;
  #loading = 0;
  #slicing = 0;
  #asked = "";

  constructor(rpc: RpcClient<TensorRequests, TensorEvents>, kept: Persisted<KeptTensor>) {
    this.#rpc = rpc;
    this.#kept = kept;
    this.#restore = kept.value;
    rpc.on("tensorChanged", () => void this.load());
  }

  /** Asks for the tensor; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    const loading = ++this.#loading;
    try {
      const reply = await this.#rpc.ask("loadTensor", [this.#restore?.key ?? null], { timeout: 120_000 });
      if (loading !== this.#loading) return;
      if (reply.kind === "tensor") await this.#show(reply, loading);
      else this.content.set(reply);
    } catch (error) {
      if (loading !== this.#loading) return;
      this.content.set({ kind: "failed", message: messageOf(error) });
    }
  }

  /** Looks at the tensor in another way. */
  change(change: Partial<TensorLook>): void {
    const look = this.look.get();
    const content = this.content.get();
    if (look === null || content.kind !== "tensor") return;
    const next = { ...look, ...change };
    this.look.set(next);
    this.#keep(content, next);
    if (change.as === undefined || Object.keys(change).length > 1) void this.#loadSlice(content, next);
  }

  /** Sees to it that the numbers of a window are there soon. */
  want(window: Window): void {
    const content = this.content.get();
    const look = this.look.get();
    if (content.kind !== "tensor" || look === null) return;
    const kinds = kindsShown(content, look);
    const view = { id: content.id, moment: momentOf(content, look), of: kinds, at: look.at, ...window };
    const question = JSON.stringify(view);
    if (question === this.#asked) return;
    this.#asked = question;
    this.#rpc
      .ask("loadCells", [view])
      .then((numbers) => {
        if (this.#asked === question) this.cells.set({ ...window, look, id: content.id, kinds, numbers });
      })
      .catch((error: unknown) => {
        if (this.#asked === question) this.notice.set(messageOf(error));
      });
  }

  async copy(format: CopyFormat): Promise<void> {
    const content = this.content.get();
    const look = this.look.get();
    if (content.kind !== "tensor" || look === null) return;
    try {
      const view = { id: content.id, moment: momentOf(content, look), of: look.of, at: look.at };
      const count = await this.#rpc.ask("copySlice", [view, format]);
      this.notice.set(
        `Copied ${count.toLocaleString("en")} ${count === 1 ? "element" : "elements"} as ${format.toUpperCase()}.`,
      );
    } catch (error) {
      this.notice.set(messageOf(error));
    }
  }

  choose(): void {
    this.#send(this.#rpc.ask("chooseTensor", [], { timeout: 0 }));
  }

  reveal(place: Place): void {
    this.#send(this.#rpc.ask("revealSource", [place]));
  }

  showInGraph(place: Place): void {
    this.#send(this.#rpc.ask("showInGraph", [place]));
  }

  runModel(): void {
    this.#send(this.#rpc.ask("runModel", [], { timeout: 0 }));
  }

  refreshTheme(): void {
    this.theme.set(readTheme());
  }

  async #show(reply: TensorShown, loading: number): Promise<void> {
    this.#asked = "";
    let before: TensorLook | null;
    let look: TensorLook;
    do {
      before = this.look.get();
      look = lookFor(reply, before ?? this.#restore?.look ?? null);
      await this.#loadSlice(reply, look);
      if (loading !== this.#loading) return;
      // What the user chose meanwhile counts.
    } while (this.look.get() !== before);
    this.content.set(reply);
    this.look.set(look);
    this.#keep(reply, look);
  }

  async #loadSlice(shown: TensorShown, look: TensorLook): Promise<void> {
    const slicing = ++this.#slicing;
    const view = { id: shown.id, moment: momentOf(shown, look), of: look.of, at: look.at };
    try {
      const slice = await this.#rpc.ask("loadSlice", [view]);
      if (slicing === this.#slicing) this.slice.set(slice);
    } catch (error) {
      if (slicing === this.#slicing) this.notice.set(messageOf(error));
    }
  }

  #keep({ key }: TensorShown, look: TensorLook): void {
    this.#restore = { key, look };
    this.#kept.save({ key, look });
  }

  #send(errand: Promise<unknown>): void {
    errand.catch((error: unknown) => this.notice.set(messageOf(error)));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
