import * as vscode from "vscode";
import { registerCommands } from "./commands/all.ts";
import { Bag } from "./disposables.ts";
import { registerEditorFeatures } from "./editor/all.ts";
import { RecordingEditor } from "./panels/recordingEditor.ts";
import { RunReports } from "./runs/runReports.ts";
import { createServices } from "./services.ts";
import { RunStatus } from "./statusBar.ts";
import { GradcheckTests } from "./testing/gradcheckTests.ts";
import { refreshLinks } from "./types/setUpTypes.ts";

/** Called by VS Code the first time something of Gradlens is used. */
export function activate(context: vscode.ExtensionContext): void {
  const started = performance.now();
  const bag = new Bag();
  context.subscriptions.push(bag);

  const services = createServices(context, bag);
  bag.own(registerCommands(services));
  bag.own(registerEditorFeatures(services));
  bag.own(new RunStatus(services));
  bag.own(new RunReports(services));
  bag.own(new RecordingEditor(services));
  bag.own(new GradcheckTests(services));
  bag.own(
    services.follower.onDidEnterModel(() => {
      if (vscode.workspace.isTrusted) services.runs.warm();
    }),
  );
  services.follower.start();
  const refresh = (): void => {
    const folders = vscode.workspace.workspaceFolders?.map(({ uri }) => uri) ?? [];
    refreshLinks(folders, context.extensionUri).catch((error) => services.log.warn("Types were not refreshed.", error));
  };
  bag.own(vscode.workspace.onDidGrantWorkspaceTrust(refresh));
  refresh();
  services.log.info(`Activated in ${(performance.now() - started).toFixed(1)} ms.`);
}
