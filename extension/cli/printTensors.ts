import { displayName } from "../../engine/recording/layout/text.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { normText, roleOf } from "../../engine/recording/queries/tensorWords.ts";
import { relativePath } from "./execute.ts";
import { harmlessLine, type Terminal } from "./terminal.ts";
import { type TextColumn, textTable } from "./textTable.ts";

const name: TextColumn = { title: "name", align: "left", maxWidth: 32 };
const shape: TextColumn = { title: "shape", align: "left", maxWidth: 20 };
const dtype: TextColumn = { title: "dtype", align: "left", maxWidth: 8, spare: 4 };
const kind: TextColumn = { title: "kind", align: "left", maxWidth: 9, spare: 2 };
const value: TextColumn = { title: "value", align: "right", maxWidth: 14, spare: 1 };
const gradient: TextColumn = { title: "‖∇‖", align: "right", maxWidth: 12 };
const where: TextColumn = { title: "where", align: "left", maxWidth: 48, spare: 3 };
const columns = [name, shape, dtype, kind, value, gradient, where];

/** More rows than this are left out; `--json` has them all. */
const maxRows = 60;
/** So many missing gradients are explained. */
const maxReasons = 8;

/** The tensors of a run as a table, and why some of them have no gradient. */
export function printTensors(tensors: readonly TensorInfo[], terminal: Terminal): void {
  if (tensors.length === 0) return;
  const shown = tensors.slice(0, maxRows);
  const lines = textTable(columns, shown.map(rowOf), terminal.width, (cell, row, column) => {
    if (row === -1 || column === where) return terminal.style("dim", cell);
    return column === gradient && /NaN|Inf/.test(cell) ? terminal.style("red", cell) : cell;
  });
  terminal.print(`\n${lines.join("\n")}`);
  if (tensors.length > maxRows) {
    terminal.print(terminal.style("dim", `… and ${tensors.length - maxRows} more (--json has all)`));
  }
  printReasons(shown, terminal);
}

function rowOf(tensor: TensorInfo): string[] {
  return [
    labelOf(tensor),
    `[${tensor.shape.join(", ")}]`,
    tensor.dtype,
    roleOf(tensor),
    valueText(tensor),
    tensor.grad === null ? (isMissing(tensor) ? "∅" : "") : normText(tensor.grad),
    tensor.place === null ? "" : harmlessLine(`${relativePath(tensor.place.file)}:${tensor.place.line}`),
  ];
}

function labelOf({ module, name }: TensorInfo): string {
  return harmlessLine(module ?? name ?? "(unnamed)");
}

/** The number itself, or the norm of many. */
function valueText({ value }: TensorInfo): string {
  if (value === null) return "";
  return value.numel === 1 ? formatNumber(value.sample[0] ?? Number.NaN) : `‖${normText(value)}‖`;
}

/** A gradient was asked for and none came. */
function isMissing({ grad, requiresGrad, isLeaf }: TensorInfo): boolean {
  return grad === null && requiresGrad && isLeaf;
}

function printReasons(tensors: readonly TensorInfo[], terminal: Terminal): void {
  const missing = tensors.filter((tensor) => isMissing(tensor) && tensor.gradReason !== null);
  for (const tensor of missing.slice(0, maxReasons)) {
    const place = tensor.gradReason?.place;
    const at = place ? ` (${harmlessLine(relativePath(place.file))}:${place.line})` : "";
    const text = `∅ ${displayName(labelOf(tensor), 60)}: ${harmlessLine(tensor.gradReason?.text ?? "")}${at}`;
    terminal.printWords(terminal.style("dim", text));
  }
}
