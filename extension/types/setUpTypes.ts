import path from "node:path";
import * as vscode from "vscode";
import { arePlain } from "./plainFiles.ts";
import { stubPackage, stubTarget, type TextFile } from "./stubPackage.ts";
import { addTsconfigPath, newTsconfig } from "./tsconfigPath.ts";

const { joinPath } = vscode.Uri;

/** The extension's declarations of "gradlens". */
export function typesEntry(extensionUri: vscode.Uri): vscode.Uri {
  return joinPath(extensionUri, "dist", "types", "index.d.ts");
}

/**
 * Puts a package into a folder's node_modules that points at the extension's types; works with every TypeScript and needs no tsconfig.
 * False when a package of that name is there that is not ours, or a symbolic link leads to somewhere else.
 */
export async function linkTypes(folder: vscode.Uri, extensionUri: vscode.Uri): Promise<boolean> {
  const files = stubPackage(typesEntry(extensionUri).fsPath);
  if (
    !(await arePlain(
      folder.fsPath,
      files.map(({ path: below }) => `${stubFolder}/${below}`),
    ))
  )
    return false;
  const target = joinPath(folder, ...stubFolder.split("/"));
  const manifest = await readText(joinPath(target, "package.json"));
  if (manifest === null ? await isThere(target) : stubTarget(manifest) === null) return false;
  await writeFiles(target, files);
  return true;
}

const stubFolder = "node_modules/gradlens";

/**
 * Lets links made by an earlier version of the extension, whose folder is gone, point at this one. It writes without being asked to, so
 * only in trusted folders, and only over what `linkTypes` wrote.
 */
export async function refreshLinks(folders: readonly vscode.Uri[], extensionUri: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  for (const folder of folders) {
    if (!(await arePlain(folder.fsPath, [`${stubFolder}/package.json`]))) continue;
    const manifest = await readText(joinPath(folder, ...stubFolder.split("/"), "package.json"));
    const target = manifest === null ? null : stubTarget(manifest);
    if (target !== null && target !== typesEntry(extensionUri).fsPath) await linkTypes(folder, extensionUri);
  }
}

/** Where copied types go: part of the project, so that they can be committed. */
const copyFolder = ".gradlens/types";

/**
 * Copies the types into the folder and opens tsconfig.json with the edit that makes it use them, for the user to look at and save. False
 * when a symbolic link leads to somewhere else: then nothing is written.
 */
export async function copyTypes(folder: vscode.Uri, extensionUri: vscode.Uri): Promise<boolean> {
  if (!(await arePlain(folder.fsPath, [copyFolder, "tsconfig.json"]))) return false;
  const from = joinPath(typesEntry(extensionUri), "..");
  await vscode.workspace.fs.copy(from, joinPath(folder, ...copyFolder.split("/")), { overwrite: true });
  await editTsconfig(joinPath(folder, "tsconfig.json"), `./${copyFolder}/index.d.ts`);
  return true;
}

async function editTsconfig(tsconfig: vscode.Uri, target: string): Promise<void> {
  if ((await readText(tsconfig)) === null) {
    await vscode.workspace.fs.writeFile(tsconfig, new TextEncoder().encode(newTsconfig(target)));
  }
  const editor = await vscode.window.showTextDocument(tsconfig);
  const { document } = editor;
  const change = addTsconfigPath(document.getText(), target);
  if (change === null) return;
  const start = document.positionAt(change.start);
  await editor.edit((edit) => edit.replace(new vscode.Range(start, document.positionAt(change.end)), change.text));
  const end = document.positionAt(change.start + change.text.length);
  editor.selection = new vscode.Selection(start, end);
  editor.revealRange(editor.selection);
}

/** The folder whose TypeScript is to know the types: the workspace's, or the file's own. */
export function folderFor(file: vscode.Uri | undefined): vscode.Uri | null {
  const folder = file && vscode.workspace.getWorkspaceFolder(file);
  if (folder) return folder.uri;
  if (file?.scheme === "file") return vscode.Uri.file(path.dirname(file.fsPath));
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? null;
}

async function writeFiles(folder: vscode.Uri, files: readonly TextFile[]): Promise<void> {
  const encoder = new TextEncoder();
  for (const { path: below, text } of files) {
    await vscode.workspace.fs.writeFile(joinPath(folder, below), encoder.encode(text));
  }
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

async function readText(uri: vscode.Uri): Promise<string | null> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return null;
  }
}
