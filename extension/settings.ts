import * as vscode from "vscode";

/** What the user chose, read anew each time. */
export interface Settings {
  /** The Node that runs models; empty for the one that runs this. */
  readonly runtimePath: string;
  /** 0 for no limit. */
  readonly timeoutSeconds: number;
  /** 0 for as much as leaves the machine usable. */
  readonly memoryMb: number;
  readonly runOnSave: boolean;
  readonly showConsole: boolean;
  readonly lens: boolean;
  readonly hints: boolean;
  readonly heat: boolean;
}

/** The settings below `gradlens.`; the manifest holds their defaults. */
export const settingKeys = {
  runtimePath: "runtime.path",
  timeoutSeconds: "run.timeout",
  memoryMb: "run.memory",
  runOnSave: "run.onSave",
  showConsole: "run.showConsole",
  lens: "lens.enabled",
  hints: "hints.enabled",
  heat: "heat.enabled",
} as const satisfies Record<keyof Settings, string>;

/** Reads every setting; a value of the wrong type, which settings.json may hold, counts as not set. */
export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration("gradlens");
  const read = <T extends string | number | boolean>(key: string, fallback: T): T => {
    const value: unknown = section.get(key);
    return typeof value === typeof fallback ? (value as T) : fallback;
  };
  return {
    runtimePath: read<string>(settingKeys.runtimePath, ""),
    timeoutSeconds: Math.max(0, read<number>(settingKeys.timeoutSeconds, 0)),
    memoryMb: Math.max(0, read<number>(settingKeys.memoryMb, 0)),
    runOnSave: read<boolean>(settingKeys.runOnSave, false),
    showConsole: read<boolean>(settingKeys.showConsole, true),
    lens: read<boolean>(settingKeys.lens, true),
    hints: read<boolean>(settingKeys.hints, true),
    heat: read<boolean>(settingKeys.heat, true),
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
