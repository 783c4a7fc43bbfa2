import path from "node:path";
import * as vscode from "vscode";
import { DebugSessions } from "./debugging/debugSessions.ts";
import type { Bag } from "./disposables.ts";
import { EditorFollower } from "./editor/editorFollower.ts";
import { EditWatch } from "./editor/editWatch.ts";
import { LineCostHints } from "./editor/lineCostHints.ts";
import { Pages } from "./inspections/pages.ts";
import { GradcheckPanels } from "./panels/gradcheckPanels.ts";
import { GraphPanels } from "./panels/graphPanels.ts";
import { KeptRecording } from "./panels/keptRecording.ts";
import { OverviewPanels } from "./panels/overviewPanels.ts";
import { ProfilerPanels } from "./panels/profilerPanels.ts";
import { TensorPanels } from "./panels/tensorPanels.ts";
import { TrainingPanels } from "./panels/trainingPanels.ts";
import { Profiles } from "./profiles/profiles.ts";
import { RunHistory } from "./profiles/runHistory.ts";
import { alertOptions } from "./results/alertSettings.ts";
import { Results } from "./results/results.ts";
import { ConsoleOutput } from "./runs/consoleOutput.ts";
import { runnerPaths } from "./runs/runnerPaths.ts";
import { type RunChoices, RunService } from "./runs/runService.ts";
import { onSettingChanged, readSettings } from "./settings.ts";
import { TensorsView } from "./trees/tensorsView.ts";

/** Everything that commands and views are made of. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly console: ConsoleOutput;
  readonly results: Results;
  readonly runs: RunService;
  /** Where the user is in which model. */
  readonly follower: EditorFollower;
  readonly edits: EditWatch;
  readonly graphs: GraphPanels;
  readonly overview: OverviewPanels;
  readonly profilers: ProfilerPanels;
  readonly trainings: TrainingPanels;
  /** What lines cost, behind them in the editor. */
  readonly lineCosts: LineCostHints;
  readonly tensorViewer: TensorPanels;
  readonly gradchecks: GradcheckPanels;
  readonly tensors: TensorsView;
  readonly debugging: DebugSessions;
  /** Texts to read beside the program. */
  readonly pages: Pages;
  /** Earlier runs to compare with. */
  readonly history: RunHistory;
}

/** Makes the services, each from those above it; `bag` ends them. */
export function createServices(context: vscode.ExtensionContext, bag: Bag): Services {
  const log = bag.own(vscode.window.createOutputChannel("Gradlens", { log: true }));
  const results = bag.own(new Results());
  const listen = (): void => {
    results.chooseAlerts(alertOptions(readSettings())).catch((error: unknown) => log.error(String(error)));
  };
  bag.own(onSettingChanged(["alertRules", "alertThresholds", "alertMode"], listen));
  listen();
  const runs = bag.own(new RunService(results, (file) => choicesFor(context, file), log));
  const console = bag.own(new ConsoleOutput(runs));
  const follower = bag.own(new EditorFollower(results));
  const edits = bag.own(new EditWatch(results));
  const kept = bag.own(new KeptRecording(context.storageUri, results, log));
  const graphs = bag.own(new GraphPanels({ extensionUri: context.extensionUri, results, follower, kept }));
  const gradchecks = bag.own(new GradcheckPanels({ extensionUri: context.extensionUri, results, follower, kept }));
  const overview = bag.own(
    new OverviewPanels({ extensionUri: context.extensionUri, results, runs, edits, follower, kept }),
  );
  const pages = bag.own(new Pages());
  const tensorViewer = bag.own(
    new TensorPanels({ extensionUri: context.extensionUri, results, follower, kept, memory: context.workspaceState }),
  );
  const tensors = bag.own(new TensorsView(results, runs, edits));
  const profiles = bag.own(new Profiles(path.join(context.extensionPath, "dist", "profileWorker.js")));
  const history = bag.own(new RunHistory(runs));
  const lineCosts = bag.own(new LineCostHints(results, profiles, log));
  const panels = { extensionUri: context.extensionUri, results, runs, follower, kept, profiles };
  const profilers = bag.own(new ProfilerPanels({ ...panels, history, graphs }));
  const trainings = bag.own(new TrainingPanels(panels));
  const debugging = bag.own(
    new DebugSessions({ extensionUri: context.extensionUri, results, graphs, tensorViewer, log }),
  );
  return {
    context,
    log,
    console,
    results,
    runs,
    follower,
    edits,
    graphs,
    gradchecks,
    overview,
    tensorViewer,
    tensors,
    pages,
    history,
    profilers,
    trainings,
    lineCosts,
    debugging,
  };
}

/** Each such path is told once: it is read at every run. */
const toldPaths = new Set<string>();

/** A path that is not absolute would be looked up in whatever folder VS Code was started from, so it is not used. */
function tellUnusable(runtimePath: string): void {
  if (runtimePath === "" || path.isAbsolute(runtimePath) || toldPaths.has(runtimePath)) return;
  toldPaths.add(runtimePath);
  void vscode.window.showWarningMessage(
    vscode.l10n.t("The setting gradlens.runtime.path is not an absolute path, so VS Code's own Node runs the models."),
  );
}

function choicesFor(context: vscode.ExtensionContext, file: string): RunChoices {
  const { runtimePath, timeoutSeconds, memoryMb, stopAtNan } = readSettings();
  tellUnusable(runtimePath);
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file));
  return {
    runner: {
      ...runnerPaths(context.extensionPath),
      ...(path.isAbsolute(runtimePath) ? { execPath: runtimePath } : {}),
    },
    stopAtNan,
    limits: { timeoutMs: timeoutSeconds * 1000, ...(memoryMb === 0 ? {} : { memoryMb }) },
    cwd: folder?.uri.fsPath,
  };
}
