import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { Results } from "../results/results.ts";
import type { Settings } from "../settingKeys.ts";
import { onSettingChanged } from "../settings.ts";

/** What stands where in a document: for each kind of mark its places. */
export type MarksIn<Kind extends string> = ReadonlyMap<Kind, readonly (vscode.Range | vscode.DecorationOptions)[]>;

type MarkTypes<Kind extends string> = ReadonlyMap<Kind, vscode.TextEditorDecorationType>;

export interface EditorMarksParts<Kind extends string> {
  readonly results: Results;
  /** The setting that switches the marks on and off. */
  readonly setting: keyof Settings;
  readonly kinds: readonly Kind[];
  readonly lookOf: (kind: Kind) => vscode.DecorationRenderOptions;
  readonly marksIn: (document: vscode.TextDocument) => MarksIn<Kind>;
}

/** While somebody types, marks wait this long for the text to rest. */
const restMs = 200;

/** Marks in the text of all editors in sight, drawn again whenever the results, the setting, the editors or their texts change. */
export class EditorMarks<Kind extends string> implements vscode.Disposable {
  readonly #parts: EditorMarksParts<Kind>;
  readonly #bag = new Bag();
  #types: MarkTypes<Kind> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: EditorMarksParts<Kind>) {
    this.#parts = parts;
    this.#bag.own(parts.results.onDidChange(() => this.draw()));
    this.#bag.own(onSettingChanged([parts.setting], () => this.draw()));
    this.#bag.own(vscode.window.onDidChangeVisibleTextEditors(() => this.draw()));
    this.#bag.own(vscode.workspace.onDidChangeTextDocument(() => this.#drawSoon()));
  }

  draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const marks = this.#parts.marksIn(editor.document);
      // Telling VS Code of every kind holds up the start, so it hears of them when the first mark is there.
      if (this.#types === null && [...marks.values()].every(({ length }) => length === 0)) continue;
      this.#types ??= this.#makeTypes();
      for (const [kind, type] of this.#types) {
        // It takes ranges or options, and tells them apart itself.
        editor.setDecorations(type, (marks.get(kind) ?? []) as readonly vscode.DecorationOptions[]);
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#bag.dispose();
  }

  #drawSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.draw(), restMs);
  }

  /** In the order of the kinds: marks at the same place stand in the order in which their types were made. */
  #makeTypes(): MarkTypes<Kind> {
    const { kinds, lookOf } = this.#parts;
    return new Map(
      kinds.map((kind) => [kind, this.#bag.own(vscode.window.createTextEditorDecorationType(lookOf(kind)))]),
    );
  }
}
