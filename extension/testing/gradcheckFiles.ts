import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import { modelLanguages } from "../editor/modelFiles.ts";
import { isInside } from "../results/fileMove.ts";
import { type IsIgnored, ignoredBy, neverSources } from "../runner/gradchecks/ignored.ts";
import type { GradcheckItems } from "./gradcheckItems.ts";

const pattern = "**/*.{ts,mts,cts}";
/** Workspaces with more files than this are not searched to their end. */
const mostFiles = 5000;
const restMs = 250;

/** Finds the gradchecks of the workspace by reading its files, and follows edits. Nothing is run. */
export class GradcheckFiles implements vscode.Disposable {
  readonly #items: GradcheckItems;
  readonly #bag = new Bag();
  readonly #ignored = new Map<string, IsIgnored>();
  readonly #waiting = new Map<string, vscode.TextDocument>();
  #timer: NodeJS.Timeout | undefined;
  #search: Promise<void> | null = null;

  constructor(items: GradcheckItems) {
    this.#items = items;
    this.#bag.own(vscode.workspace.onDidOpenTextDocument((document) => this.#soon(document)));
    this.#bag.own(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#soon(document);
      }),
    );
    // What stands on disk counts again: edits may have been thrown away.
    this.#bag.own(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (isModelFile(document)) void this.read(document.uri);
      }),
    );
    for (const document of vscode.workspace.textDocuments) this.#soon(document);
    const watcher = this.#bag.own(vscode.workspace.createFileSystemWatcher(pattern));
    this.#bag.own(watcher.onDidCreate((uri) => this.read(uri)));
    this.#bag.own(watcher.onDidChange((uri) => this.read(uri)));
    this.#bag.own(watcher.onDidDelete((uri) => items.forget(uri)));
    // Of a folder that goes, a watcher of files need not hear.
    const forgetIn = (gone: readonly vscode.Uri[]): void =>
      items.keepOnly(({ fsPath }) => !gone.some((folder) => isInside(fsPath, folder.fsPath)));
    this.#bag.own(vscode.workspace.onDidDeleteFiles(({ files }) => forgetIn(files)));
    this.#bag.own(vscode.workspace.onDidRenameFiles(({ files }) => forgetIn(files.map(({ oldUri }) => oldUri))));
  }

  /** Looks through the whole workspace, once; later edits are followed anyway. */
  findAll(): Promise<void> {
    this.#search ??= this.#findAll();
    return this.#search;
  }

  /** Looks through the whole workspace again. */
  async refresh(): Promise<void> {
    this.#ignored.clear();
    this.#search = null;
    await this.findAll();
  }

  /** Makes the items fit the text of all editors, now: their lines are about to be used. */
  async catchUp(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#readWaiting();
  }

  async read(uri: vscode.Uri): Promise<void> {
    const open = openDocument(uri);
    if (open !== undefined) {
      this.#soon(open);
      return;
    }
    if (/\.d\.[cm]?ts$/.test(uri.path) || (await this.#isIgnored(uri))) {
      this.#items.forget(uri);
      return;
    }
    try {
      this.#items.update(uri, new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
    } catch {
      // It was there a moment ago.
      this.#items.forget(uri);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#bag.dispose();
  }

  async #findAll(): Promise<void> {
    const exclude = `**/{${[...neverSources, ".*"].join(",")}}/**`;
    const files = await vscode.workspace.findFiles(pattern, exclude, mostFiles);
    // One after the other, so that the extension host has time for others in between.
    for (const uri of files) await this.read(uri);
    const found = new Set(files.map(String));
    this.#items.keepOnly((uri) => found.has(String(uri)) || openDocument(uri) !== undefined);
  }

  /** Not at every key stroke: the items follow when the hand rests. */
  #soon(document: vscode.TextDocument): void {
    if (!isModelFile(document)) return;
    this.#waiting.set(document.uri.toString(), document);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#readWaiting(), restMs);
  }

  async #readWaiting(): Promise<void> {
    const documents = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const document of documents) {
      if (document.isClosed || (await this.#isIgnored(document.uri))) continue;
      this.#items.update(document.uri, document.getText());
    }
  }

  async #isIgnored(uri: vscode.Uri): Promise<boolean> {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    // A file from elsewhere that the user opened is meant.
    if (folder === undefined) return false;
    const key = folder.uri.toString();
    let ignored = this.#ignored.get(key);
    if (ignored === undefined) {
      ignored = ignoredBy(await textOf(vscode.Uri.joinPath(folder.uri, ".gitignore")));
      this.#ignored.set(key, ignored);
    }
    return ignored(vscode.workspace.asRelativePath(uri, false));
  }
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

function isModelFile({ uri, languageId }: vscode.TextDocument): boolean {
  return uri.scheme === "file" && modelLanguages.some((language) => language === languageId);
}

async function textOf(uri: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return "";
  }
}
