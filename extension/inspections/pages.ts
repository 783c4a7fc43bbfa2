import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import { visibleText } from "../plainText.ts";
import type { Page } from "./page.ts";

const scheme = "gradlens-text";
/** Pages that are kept for tabs that may still be open. */
const mostPages = 20;

/** Texts to read in editors of their own, whose links lead to lines of the program. They are gone with the window. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable {
  readonly #pages = new Map<string, Page>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #bag = new Bag();

  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#bag.own(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.#bag.own(vscode.languages.registerDocumentLinkProvider({ scheme }, this));
    this.#bag.own(this.#changed);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#pages.get(uri.toString())?.text ?? vscode.l10n.t("This page belongs to an earlier session.");
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const page = this.#pages.get(document.uri.toString());
    return (page?.links ?? []).map(({ line, start, end, place }) => {
      const target = vscode.Uri.file(place.file).with({ fragment: `L${place.line},${place.column}` });
      const link = new vscode.DocumentLink(new vscode.Range(line, start, line, end), target);
      link.tooltip = vscode.l10n.t("Go to Line");
      return link;
    });
  }

  /** Makes a page for a name; one of the same name is replaced where it is open. */
  put(name: string, { text, links }: Page): vscode.Uri {
    const safe = visibleText(name)
      .replace(/[\\/:*?"<>|#%\s]+/g, " ")
      .trim()
      .slice(0, 80);
    const uri = vscode.Uri.from({ scheme, path: `/${safe}.txt` });
    this.#pages.delete(uri.toString());
    this.#pages.set(uri.toString(), { text: visibleText(text), links });
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > mostPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#changed.fire(uri);
    return uri;
  }

  /** Shows a page beside the program. */
  async show(name: string, page: Page): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.put(name, page));
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }

  dispose(): void {
    this.#bag.dispose();
    this.#pages.clear();
  }
}
