import * as vscode from "vscode";
import { mayRun } from "../commands/trust.ts";
import { Bag } from "../disposables.ts";
import type { Services } from "../services.ts";
import { GradcheckFiles } from "./gradcheckFiles.ts";
import { GradcheckItems } from "./gradcheckItems.ts";
import { chosenCalls, runGradchecks } from "./gradcheckRun.ts";

/** Gradchecks in the Test Explorer: every call in the workspace is a test at its line. */
export class GradcheckTests implements vscode.Disposable {
  readonly #bag = new Bag();
  readonly #services: Pick<Services, "runs" | "log">;
  readonly #controller: vscode.TestController;
  readonly #items: GradcheckItems;
  readonly #files: GradcheckFiles;
  /** Runs wait for each other: two at a time would end the first. */
  #queue: Promise<void> = Promise.resolve();

  constructor(services: Pick<Services, "runs" | "log">) {
    this.#services = services;
    this.#controller = this.#bag.own(vscode.tests.createTestController("gradlens", vscode.l10n.t("Gradchecks")));
    this.#items = new GradcheckItems(this.#controller);
    this.#files = this.#bag.own(new GradcheckFiles(this.#items));
    this.#controller.resolveHandler = async (item) => {
      if (item === undefined) await this.#files.findAll();
      else if (item.uri !== undefined) await this.#files.read(item.uri);
    };
    this.#controller.refreshHandler = () => this.#files.refresh();
    this.#addProfiles();
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #addProfiles(): void {
    const { Run, Debug } = vscode.TestRunProfileKind;
    const run = this.#controller.createRunProfile(
      vscode.l10n.t("Run"),
      Run,
      (request, token) => (request.continuous === true ? this.#keepRunning(request, token) : this.#run(request, token)),
      true,
      undefined,
      true,
    );
    const debug = this.#controller.createRunProfile(
      vscode.l10n.t("Debug"),
      Debug,
      (request, token) => this.#debug(request, token),
      true,
    );
    this.#bag.own(run);
    this.#bag.own(debug);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (!(await mayRun())) return;
    const next = this.#queue.then(() =>
      token.isCancellationRequested
        ? undefined
        : runGradchecks(this.#controller, this.#items, this.#files, this.#services.runs, request, token),
    );
    this.#queue = next.catch((error) => this.#services.log.error("The gradchecks could not be run.", error));
    await next;
  }

  /** Runs the calls of a file whenever it is saved, until the user switches that off. */
  #keepRunning(request: vscode.TestRunRequest, token: vscode.CancellationToken): void {
    const runSaved = async (document: vscode.TextDocument): Promise<void> => {
      // It may have calls that it had not when the hand rested last.
      await this.#files.catchUp();
      const saved = chosenCalls(this.#controller, request).find(
        ({ uri }) => uri.toString() === document.uri.toString(),
      );
      if (saved === undefined) return;
      await this.#run(new vscode.TestRunRequest(saved.items, request.exclude, request.profile, true), token);
    };
    const listening = vscode.workspace.onDidSaveTextDocument((document) => {
      runSaved(document).catch((error) => this.#services.log.error("The saved gradchecks could not be run.", error));
    });
    this.#bag.own(listening);
    token.onCancellationRequested(() => listening.dispose());
  }

  /** Starts a debugger for each file, one after the other. */
  async #debug(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (!(await mayRun())) return;
    await vscode.workspace.saveAll(false);
    for (const { uri } of chosenCalls(this.#controller, request)) {
      if (token.isCancellationRequested) return;
      await debugFile(uri, token);
    }
  }
}

/** Debugs a file to its end. */
async function debugFile(uri: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
  const name = vscode.l10n.t("Gradchecks of {0}", vscode.workspace.asRelativePath(uri));
  const { promise, resolve } = Promise.withResolvers<void>();
  const bag = new Bag();
  let session: vscode.DebugSession | null = null;
  bag.own(
    vscode.debug.onDidStartDebugSession((started) => {
      if (started.name === name) session = started;
    }),
  );
  bag.own(
    vscode.debug.onDidTerminateDebugSession((ended) => {
      if (ended.name === name) resolve();
    }),
  );
  bag.own(
    token.onCancellationRequested(() => {
      if (session !== null) void vscode.debug.stopDebugging(session);
      resolve();
    }),
  );
  try {
    const configuration = { type: "gradlens", request: "launch", name, program: uri.fsPath };
    const begun = await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(uri), configuration);
    if (begun) await promise;
  } finally {
    bag.dispose();
  }
}
