import path from "node:path";
import * as vscode from "vscode";
import { isModel } from "../editor/modelFiles.ts";
import { readSettings } from "../settings.ts";
import { debugType } from "./debugType.ts";

/** Makes F5 work on a model without a launch.json, and completes what a launch.json leaves out. */
export class Configurations implements vscode.DebugConfigurationProvider {
  readonly #handOver: () => string;

  /** `handOver` names a file that no other session writes its recording to. */
  constructor(handOver: () => string) {
    this.#handOver = handOver;
  }

  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code puts the file of the editor there.
    return [debugFile("${file}")];
  }

  async resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    given: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | null | undefined> {
    const configuration = isEmpty(given) ? configurationInSight() : given;
    if (configuration === null) {
      await vscode.window.showInformationMessage(
        vscode.l10n.t('Open a TypeScript file that imports from "gradlens" to debug its gradients.'),
      );
      return undefined;
    }
    const { program, replay } = configuration;
    if (program === undefined && replay === undefined) {
      await vscode.window.showErrorMessage(
        vscode.l10n.t('This launch configuration needs a "program" (a model file) or a "replay" (a saved recording).'),
      );
      // Null opens launch.json.
      return null;
    }
    return configuration;
  }

  /** Comes after `${file}` and the like were replaced. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const { timeoutSeconds, memoryMb } = readSettings();
    await vscode.workspace.saveAll(false);
    return {
      cwd: folder?.uri.fsPath ?? path.dirname(String(configuration["program"] ?? configuration["replay"])),
      timeout: timeoutSeconds,
      memory: memoryMb,
      ...configuration,
      handOver: this.#handOver(),
    };
  }
}

/** The configuration that debugs one file. */
export function debugFile(file: string): vscode.DebugConfiguration {
  return { type: debugType, request: "launch", name: vscode.l10n.t("Debug gradients"), program: file };
}

/** F5 without a launch.json gives an empty configuration. */
function isEmpty({ type, request, name }: vscode.DebugConfiguration): boolean {
  return !type && !request && !name;
}

function configurationInSight(): vscode.DebugConfiguration | null {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isModel(document) ? debugFile(document.uri.fsPath) : null;
}
