import path from "node:path";
import * as vscode from "vscode";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import type { GradReason } from "../../engine/recording/queries/gradReason.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { roleOf } from "../../engine/recording/queries/tensorWords.ts";
import type { RunResult } from "../results/runResult.ts";
import { hintText } from "./hintText.ts";
import { tensorFacts } from "./tensorFacts.ts";

/** More tensors than this are not listed. */
const longestList = 12;

/** What a hover says about one tensor, or about several in short. Names come from the user's program, so they are written as text only. */
export function tensorMarkdown(
  tensors: readonly TensorInfo[],
  result: RunResult,
  { isEdited }: { readonly isEdited: boolean },
): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString("", true);
  // All that comes from the program is written as text, so the only link to a command is ours.
  markdown.isTrusted = { enabledCommands: ["gradlens.viewTensor"] };
  const [first] = tensors;
  if (tensors.length === 1 && first !== undefined) writeTensor(markdown, first);
  else writeList(markdown, tensors);
  const age = isEdited ? vscode.l10n.t("from before your edits") : "";
  const run = `${path.basename(result.recording.meta.file)}, ${new Date(result.recording.meta.startedAt).toLocaleTimeString()}`;
  markdown.appendMarkdown("\n\n").appendText([run, age].filter(Boolean).join(" · "));
  return markdown;
}

function writeTensor(markdown: vscode.MarkdownString, tensor: TensorInfo): void {
  writeName(markdown, tensor);
  const requires = tensor.requiresGrad ? vscode.l10n.t("requires grad") : vscode.l10n.t("requires no grad");
  const facts = [roleOf(tensor), shapeText(tensor.shape), tensor.dtype, requires, tensor.gradFn ?? ""];
  markdown.appendText(` ${facts.filter((fact) => fact !== "").join(" · ")}`);
  writeFigures(markdown, tensor);
  if (tensor.gradReason !== null && tensor.requiresGrad) writeReason(markdown, tensor, tensor.gradReason);
  if (tensor.count > 1) {
    markdown.appendMarkdown("\n\n");
    markdown.appendText(vscode.l10n.t("Named {0} times in this run; this is the last one.", tensor.count));
  }
  const view = vscode.l10n.t("View Tensor");
  markdown.appendMarkdown(`\n\n[$(table) ${view}](command:gradlens.viewTensor?${tensor.id})`);
}

function writeName(markdown: vscode.MarkdownString, tensor: TensorInfo): void {
  markdown
    .appendMarkdown("**")
    .appendText(displayName(tensor.module ?? tensor.name ?? "tensor", 60))
    .appendMarkdown("**");
}

/** All cells are numbers that we formatted. */
function writeFigures(markdown: vscode.MarkdownString, tensor: TensorInfo): void {
  const facts = tensorFacts(tensor);
  if (facts.length === 0) return;
  const hasGrad = tensor.grad !== null;
  markdown.appendMarkdown(`\n\n| | value |${hasGrad ? " gradient |" : ""}\n|:--|--:|${hasGrad ? "--:|" : ""}\n`);
  for (const { label, value, grad } of facts) {
    markdown.appendMarkdown(`| ${label} | ${value} |${hasGrad ? ` ${grad} |` : ""}\n`);
  }
}

function writeReason(markdown: vscode.MarkdownString, tensor: TensorInfo, { text, place }: GradReason): void {
  markdown.appendMarkdown("\n\n").appendText(vscode.l10n.t("No gradient: {0}", text));
  const isHere = place?.file === tensor.place?.file && place?.line === tensor.place?.line;
  if (place === null || isHere) return;
  const target = vscode.Uri.file(place.file).with({ fragment: `L${place.line},${place.column}` });
  markdown.appendMarkdown(` ([${vscode.l10n.t("line {0}", place.line)}](${target.toString()}))`);
}

function writeList(markdown: vscode.MarkdownString, tensors: readonly TensorInfo[]): void {
  for (const tensor of tensors.slice(0, longestList)) {
    markdown.appendMarkdown("\n- ");
    writeName(markdown, tensor);
    markdown.appendText(` ${hintText(tensor)}`);
  }
  if (tensors.length > longestList) {
    markdown.appendMarkdown("\n- ").appendText(vscode.l10n.t("and {0} more", tensors.length - longestList));
  }
}
