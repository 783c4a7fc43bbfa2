import * as vscode from "vscode";
import { Bag } from "../disposables.ts";

/** What a panel is, apart from what is in it. */
export interface OnePanelParts<Session extends vscode.Disposable> {
  readonly viewType: string;
  readonly title: string;
  readonly extensionUri: vscode.Uri;
  readonly column?: vscode.ViewColumn;
  /** Fills a panel; the session ends when the panel is closed. */
  readonly open: (panel: vscode.WebviewPanel) => Session;
  /** Gets ready what a panel that survived a reload of the window is about to show. */
  readonly restore: () => Promise<void>;
}

/** The one panel of its kind in a window: it opens on demand and comes back when the window is reloaded. */
export class OnePanel<Session extends vscode.Disposable> implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #parts: OnePanelParts<Session>;
  readonly #bag = new Bag();
  #open: { readonly panel: vscode.WebviewPanel; readonly session: Session } | null = null;

  constructor(parts: OnePanelParts<Session>) {
    this.#parts = parts;
    this.#bag.own(vscode.window.registerWebviewPanelSerializer(parts.viewType, this));
  }

  /** What is in the panel; null when it is closed. */
  get session(): Session | null {
    return this.#open?.session ?? null;
  }

  /** Opens the panel beside the editor, or brings it in front. */
  show(): Session {
    if (this.#open) {
      this.#open.panel.reveal(undefined, true);
      return this.#open.session;
    }
    const { viewType, title, column = besideTheEditor() } = this.#parts;
    const place = { viewColumn: column, preserveFocus: true };
    return this.#attach(vscode.window.createWebviewPanel(viewType, title, place));
  }

  /** Called by VS Code for a panel that was open when the window was reloaded. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    await this.#parts.restore();
    if (this.#open) panel.dispose();
    else this.#attach(panel);
  }

  dispose(): void {
    this.#open?.session.dispose();
    this.#bag.dispose();
  }

  #attach(panel: vscode.WebviewPanel): Session {
    panel.iconPath = vscode.Uri.joinPath(this.#parts.extensionUri, "resources", "icon.svg");
    const session = this.#parts.open(panel);
    panel.onDidDispose(() => {
      session.dispose();
      this.#open = null;
    });
    this.#open = { panel, session };
    return session;
  }
}

/** Beside the editor; from another panel it is a tab next to that, because a third column would leave none of them enough room. */
function besideTheEditor(): vscode.ViewColumn {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  return activeTab?.input instanceof vscode.TabInputWebview ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
}
