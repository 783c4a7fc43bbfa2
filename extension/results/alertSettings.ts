import { type AlertOptions, rules, type Severity } from "../../engine/recording/queries/alerts.ts";
import type { Settings } from "../settingKeys.ts";

const severities: readonly unknown[] = ["error", "warning", "info"];

/** The user's settings as the rules take them; what names no rule, no threshold or no number counts as not set. */
export function alertOptions({
  alertRules,
  alertThresholds,
  alertMode,
}: Pick<Settings, "alertRules" | "alertThresholds" | "alertMode">): AlertOptions {
  const chosen: Record<string, boolean | Severity> = {};
  const limits: Record<string, Record<string, number>> = {};
  for (const { kind, thresholds } of rules) {
    const wish = alertRules[kind];
    if (wish === "off" || wish === false) chosen[kind] = false;
    else if (severities.includes(wish)) chosen[kind] = wish as Severity;
    for (const name of Object.keys(thresholds)) {
      const value = alertThresholds[`${kind}.${name}`];
      if (typeof value === "number" && Number.isFinite(value)) limits[kind] = { ...limits[kind], [name]: value };
    }
  }
  return { rules: chosen, thresholds: limits, mode: alertMode === "first" ? "first" : "all" };
}
