import path from "node:path";
import * as vscode from "vscode";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { gradientRange, type TensorGroupKind } from "../../engine/recording/queries/tensorTree.ts";
import { gradientText, roleOf, type TensorRole, valueText } from "../../engine/recording/queries/tensorWords.ts";
import { lastRun } from "../commands/givenPlace.ts";
import { rangeText } from "../editor/hintText.ts";
import type { Problem } from "../editor/problems.ts";
import { visibleText } from "../plainText.ts";
import type { TensorNode } from "./tensorNodes.ts";

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** How a line of the tensors view looks. */
export function itemOf(node: TensorNode): vscode.TreeItem {
  switch (node.kind) {
    case "alerts":
      return groupItem("alerts", vscode.l10n.t("Alerts"), String(node.alerts.length), Expanded);
    case "alert":
      return alertItem(node.alert, node.index);
    case "link":
      return linkItem(node.link, node.id);
    case "group":
      return groupItem(node.group.kind, groupTitles[node.group.kind], sumText(node.group.tensors), Expanded);
    case "module":
      return moduleItem(node.module.path, node.module.tensors);
    case "tensor":
      return tensorItem(node.tensor);
  }
}

const groupTitles: Readonly<Record<TensorGroupKind, string>> = {
  parameters: vscode.l10n.t("Parameters"),
  leaves: vscode.l10n.t("Leaves"),
  nonLeaves: vscode.l10n.t("Non-leaves"),
  constants: vscode.l10n.t("Constants"),
};

function groupItem(id: string, title: string, description: string, state: vscode.TreeItemCollapsibleState) {
  const item = new vscode.TreeItem(title, state);
  item.id = id;
  item.description = description;
  return item;
}

function sumText(tensors: readonly TensorInfo[]): string {
  const range = gradientRange(tensors);
  return range === null ? String(tensors.length) : `${tensors.length} · ‖∇‖ ${rangeText(range)}`;
}

function moduleItem(modulePath: string, tensors: readonly TensorInfo[]): vscode.TreeItem {
  const item = groupItem(`module:${modulePath}`, displayName(modulePath, 60), sumText(tensors), Collapsed);
  item.iconPath = new vscode.ThemeIcon("symbol-class");
  return item;
}

function alertItem(alert: Problem, index: number): vscode.TreeItem {
  const [firstLine = ""] = alert.message.split("\n");
  const item = new vscode.TreeItem(visibleText(firstLine), alert.related.length === 0 ? None : Collapsed);
  item.id = `alert:${index}`;
  item.iconPath = new vscode.ThemeIcon(alert.severity, new vscode.ThemeColor(alertColors[alert.severity]));
  const place = `${path.basename(alert.place.file)}:${alert.place.line}`;
  item.description = place;
  item.tooltip = tooltip([alert.message, place]);
  item.contextValue = "alert";
  item.command = goTo(alert.place, lastRun);
  return item;
}

/** One step on the way of a fault, or another line that belongs to it. */
function linkItem({ place, message }: Problem["related"][number], id: string): vscode.TreeItem {
  const item = new vscode.TreeItem(visibleText(message), None);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon("arrow-small-right");
  item.description = `${path.basename(place.file)}:${place.line}`;
  item.contextValue = "link";
  item.command = goTo(place, lastRun);
  return item;
}

const alertColors = {
  error: "list.errorForeground",
  warning: "list.warningForeground",
  info: "list.deemphasizedForeground",
} as const;

function tensorItem(tensor: TensorInfo): vscode.TreeItem {
  const name = displayName(tensor.module ?? tensor.name ?? vscode.l10n.t("unnamed"), 60);
  const item = new vscode.TreeItem(name, None);
  const { place } = tensor;
  item.id = `tensor:${tensor.id}`;
  item.iconPath = iconOf(tensor);
  item.description = [shapeText(tensor.shape), valueWords(tensor), gradientText(tensor), tensor.dtype]
    .filter((part) => part !== "")
    .join(" ");
  item.tooltip = tooltip([
    `${name} · ${roleOf(tensor)} ${shapeText(tensor.shape)} ${tensor.dtype}`,
    tensor.requiresGrad ? vscode.l10n.t("requires grad") : vscode.l10n.t("requires no grad"),
    statusText(tensor),
    place === null ? "" : `${path.basename(place.file)}:${place.line}`,
  ]);
  item.accessibilityInformation = {
    label: `${name}, ${roleOf(tensor)}, ${String(item.description)}, ${statusText(tensor)}`,
  };
  item.contextValue = "tensor";
  item.command = goTo(place);
  return item;
}

function valueWords(tensor: TensorInfo): string {
  return tensor.requiresGrad && tensor.isLeaf ? "" : valueText(tensor);
}

const roleIcons: Readonly<Record<TensorRole, string>> = {
  param: "symbol-parameter",
  frozen: "lock",
  leaf: "circle-filled",
  "non-leaf": "circle-outline",
  "no grad": "circle-slash",
};

/** A gradient that is missing or not finite shows in the icon's shape, not in its colour alone. */
function iconOf(tensor: TensorInfo): vscode.ThemeIcon {
  if (tensor.gradStatus === "nonfinite" || (tensor.value !== null && tensor.value.nan > 0)) {
    return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  }
  const isMissing = tensor.requiresGrad && tensor.gradStatus === "none";
  if (isMissing) return new vscode.ThemeIcon("circle-slash", new vscode.ThemeColor("list.warningForeground"));
  const isConstant = !tensor.requiresGrad && roleOf(tensor) === "leaf";
  return new vscode.ThemeIcon(isConstant ? "symbol-constant" : roleIcons[roleOf(tensor)]);
}

function statusText({ gradStatus, grad, gradReason, requiresGrad }: TensorInfo): string {
  if (grad !== null) return gradStatus === "zero" ? vscode.l10n.t("gradient is zero") : vscode.l10n.t("has a gradient");
  if (!requiresGrad) return "";
  return vscode.l10n.t("no gradient: {0}", gradReason?.text ?? vscode.l10n.t("nothing arrived"));
}

/** `of` where the place is not one of the run on screen. */
function goTo(place: TensorInfo["place"], of?: typeof lastRun): vscode.Command {
  return { command: "gradlens.goToPlace", title: vscode.l10n.t("Go to Line"), arguments: [place, of] };
}

function tooltip(lines: readonly string[]): vscode.MarkdownString {
  return new vscode.MarkdownString().appendText(visibleText(lines.filter((line) => line !== "").join("\n")));
}
