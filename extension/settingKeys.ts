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
  /** What each line cost, also without a profile having been asked for. */
  readonly costs: boolean;
  /** By kind: `off`, or another severity. */
  readonly alertRules: Readonly<Record<string, unknown>>;
  /** By kind and name, as in `vanishing.ratio`. */
  readonly alertThresholds: Readonly<Record<string, unknown>>;
  /** `all`, or only the `first` alert of a run. */
  readonly alertMode: string;
  /** End a run where the first NaN is born. */
  readonly stopAtNan: boolean;
  readonly leafColors: boolean;
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
  costs: "costs.enabled",
  alertRules: "alerts.rules",
  alertThresholds: "alerts.thresholds",
  alertMode: "alerts.mode",
  stopAtNan: "alerts.stopAtFirstNan",
  leafColors: "leafColors.enabled",
} as const satisfies Record<keyof Settings, string>;
