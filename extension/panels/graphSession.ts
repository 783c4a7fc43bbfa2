import path from "node:path";
import * as vscode from "vscode";
import { type FileKind, type GraphEvents, type GraphReply, graphPanel } from "../../webview/protocol/graph.ts";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import type { Event } from "../emitter.ts";
import type { RunResult } from "../results/runResult.ts";
import { askWhereToSave } from "../saveDialog.ts";
import { graphReply } from "./graphReply.ts";
import { LoadedPage } from "./loadedPage.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { recordedName } from "./recordedPlace.ts";
import { type RpcHost, serveContract } from "./rpcHost.ts";

/** Where a graph panel has its result from: the latest run, or a file that was opened. */
export interface GraphSource {
  result(): RunResult | null;
  /** There is another result now. */
  readonly onDidChange: Event<void>;
  /** Why there is none, in one sentence, and what the button says that makes one. */
  whyEmpty(): { readonly reason: string; readonly action: string | null };
  /** What that button does. */
  run(): Promise<void>;
}

/** The part of a webview panel that a session needs. */
export type SessionPanel = Pick<vscode.WebviewPanel, "webview" | "visible" | "onDidChangeViewState">;

/** What a session is made of. */
export interface GraphSessionParts {
  readonly extensionUri: vscode.Uri;
  readonly follower: EditorFollower;
  readonly source: GraphSource;
}

/** One graph panel, as long as its webview lives. */
export class GraphSession implements vscode.Disposable {
  readonly #parts: GraphSessionParts;
  readonly #bag: Bag;
  readonly #host: RpcHost<GraphEvents>;
  readonly #page: LoadedPage;
  /** The event a debugger stands at, for a page that loads later. */
  #frame: number | null = null;

  /** `bag` ends with the session. */
  constructor(panel: SessionPanel, parts: GraphSessionParts, bag = new Bag()) {
    this.#bag = bag;
    this.#page = bag.own(new LoadedPage(panel));
    this.#parts = parts;
    const { webview } = panel;
    const { source, follower, extensionUri } = parts;
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    this.#host = this.#bag.own(
      serveContract(graphPanel, webview, {
        loadGraph: ({ choice }) => this.#load(choice),
        revealSource: (site) => this.#reveal(site),
        saveFile: (kind, data) => saveFile(kind, data, source.result()),
        runModel: () => source.run(),
      }),
    );
    this.#bag.own(source.onDidChange(() => this.#host.send.graphChanged()));
    this.#bag.own(follower.onDidMove((line) => this.#tellLine("cursorMoved", line)));
    const title = vscode.l10n.t("Gradlens Graph");
    webview.html = panelHtml(webview, extensionUri, { name: "graph", title, worker: "layoutWorker" });
  }

  /** Selects the nodes of a line, at once or as soon as the panel has loaded. */
  showLine(line: RunLine): void {
    this.#page.tell(() => this.#tellLine("showLine", line));
  }

  /** Tells what is done, at work and to come when a debugger stands at this event; null ends that. */
  showFrame(event: number | null): void {
    this.#frame = event;
    this.#host.send.frameMoved(event);
  }

  dispose(): void {
    this.#bag.dispose();
  }

  async #load(choice: number | null): Promise<GraphReply> {
    const { source, follower } = this.#parts;
    const result = source.result();
    if (result === null || result.isEmpty) return { kind: "empty", ...source.whyEmpty() };
    const reply = await graphReply(result, choice, (file) => vscode.workspace.asRelativePath(file));
    this.#page.onAnswer(
      () => follower.line && this.#tellLine("cursorMoved", follower.line),
      () => this.#frame !== null && this.#host.send.frameMoved(this.#frame),
    );
    return reply;
  }

  /** Only files that the recording speaks of: a webview is not to open others. */
  async #reveal(site: { readonly file: string; readonly line: number; readonly column: number }): Promise<void> {
    const result = this.#parts.source.result();
    if (result === null || recordedName(result, site.file) === null) return;
    const { line, column } = site;
    await this.#parts.follower.reveal(
      { file: site.file, line: Math.max(1, line), column: Math.max(1, column) },
      result,
      { keepFocus: true },
    );
  }

  #tellLine(event: "cursorMoved" | "showLine", { file, line }: RunLine): void {
    const result = this.#parts.source.result();
    const name = result && recordedName(result, file);
    if (name) this.#host.send[event](name, line);
  }
}

async function saveFile(kind: FileKind, data: string, result: RunResult | null): Promise<string | null> {
  const model = result?.recording.meta.file ?? "graph";
  const uri = await askWhereToSave(model, kind, { kind: kind.toUpperCase() });
  if (uri === undefined) return null;
  await vscode.workspace.fs.writeFile(uri, Buffer.from(data, kind === "png" ? "base64" : "utf8"));
  return path.basename(uri.fsPath);
}
