import * as vscode from "vscode";
import { type Settings, settingKeys } from "./settingKeys.ts";

/** In seconds; a timer takes no more milliseconds than this and ends at once when given more. */
const longestTimeout = Math.floor((2 ** 31 - 1) / 1000);

/** Reads every setting; a value of the wrong type, which settings.json may hold, counts as not set. */
export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration("gradlens");
  const read = <T extends string | number | boolean | Readonly<Record<string, unknown>>>(
    key: string,
    fallback: T,
  ): T => {
    const value: unknown = section.get(key);
    return typeof value === typeof fallback && value !== null ? (value as T) : fallback;
  };
  return {
    runtimePath: read<string>(settingKeys.runtimePath, ""),
    timeoutSeconds: Math.min(longestTimeout, Math.max(0, read<number>(settingKeys.timeoutSeconds, 0))),
    memoryMb: Math.max(0, read<number>(settingKeys.memoryMb, 0)),
    runOnSave: read<boolean>(settingKeys.runOnSave, false),
    showConsole: read<boolean>(settingKeys.showConsole, true),
    lens: read<boolean>(settingKeys.lens, true),
    hints: read<boolean>(settingKeys.hints, true),
    heat: read<boolean>(settingKeys.heat, true),
    costs: read<boolean>(settingKeys.costs, false),
    alertRules: read<Readonly<Record<string, unknown>>>(settingKeys.alertRules, {}),
    alertThresholds: read<Readonly<Record<string, unknown>>>(settingKeys.alertThresholds, {}),
    alertMode: read<string>(settingKeys.alertMode, "all"),
    stopAtNan: read<boolean>(settingKeys.stopAtNan, false),
    leafColors: read<boolean>(settingKeys.leafColors, true),
  };
}

/** Calls back when one of these settings may have another value. */
export function onSettingChanged(keys: readonly (keyof Settings)[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (keys.some((key) => event.affectsConfiguration(`gradlens.${settingKeys[key]}`))) listener();
  });
}

/** Changes a setting for the user, in all folders. */
export async function changeSetting<K extends keyof Settings>(key: K, value: Settings[K]): Promise<void> {
  const section = vscode.workspace.getConfiguration("gradlens");
  await section.update(settingKeys[key], value, vscode.ConfigurationTarget.Global);
}
