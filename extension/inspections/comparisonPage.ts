import path from "node:path";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { roleOf } from "../../engine/recording/queries/tensorWords.ts";
import type { RunResult } from "../results/runResult.ts";

/** More tensors than this are not listed. */
const MAX_TENSORS = 2_000;

/** A run as a text whose lines can be compared with those of another run: one tensor, alert or step each, without times and numbers of rows. */
export function comparisonPage(result: RunResult): string {
  const { tensors, alerts, recording } = result;
  const steps = trainingSteps(recording);
  const shown = tensors.slice(0, MAX_TENSORS);
  const lines = [
    `Run of ${path.basename(recording.meta.file)}: ${result.outcome?.kind ?? recording.meta.outcome}`,
    "",
    `Alerts: ${alerts.length}`,
    ...alerts.map(({ kind, place, message }) => `  ${kind}  line ${place?.line ?? "?"}  ${message}`),
    "",
    `Steps: ${steps.length}`,
    ...steps
      .slice(-20)
      .map(({ step, loss, gradNorm }) => `  ${step}  loss ${formatNumber(loss)}  ‖∇‖ ${formatNumber(gradNorm)}`),
    "",
    `Tensors: ${tensors.length}${shown.length < tensors.length ? `, the first ${shown.length} of them` : ""}`,
    ...shown.map(tensorLine),
  ];
  return `${lines.join("\n")}\n`;
}

function tensorLine(tensor: TensorInfo): string {
  const { value, grad, gradStatus, gradReason, requiresGrad } = tensor;
  const name = displayName(tensor.module ?? tensor.name ?? "unnamed", 60);
  const mean = value === null ? "" : `mean ${formatNumber(value.mean)}  ‖·‖ ${formatNumber(value.norm)}`;
  const missing = requiresGrad ? `∅ ${gradReason?.cause ?? gradStatus}` : "";
  const gradient = grad === null ? missing : `‖∇‖ ${formatNumber(grad.norm)}`;
  return `  ${[name, roleOf(tensor), shapeText(tensor.shape), mean, gradient].filter(Boolean).join("  ")}`;
}
