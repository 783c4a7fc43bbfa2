import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { shipEsbuild } from "./bundle.ts";
import { inCache, inProject, packageProgram, run, runQuietly } from "./project.ts";

/** The systems that VS Code knows, and the esbuild package whose binary runs there. */
const esbuildPackages: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-armhf": "linux-arm",
  // esbuild's Linux binary needs no C library, so it runs on Alpine too.
  "alpine-x64": "linux-x64",
  "alpine-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win32-x64",
  "win32-arm64": "win32-arm64",
};

export const targets: readonly string[] = Object.keys(esbuildPackages);

/** The name that VS Code has for this system. */
export const thisTarget = `${process.platform}-${process.arch}`;

/** Packs dist/ as it is into a VSIX for one system, and gives the path. */
export async function packVsix(target: string): Promise<string> {
  const esbuildPlatform = esbuildPackages[target];
  if (esbuildPlatform === undefined) throw new Error(`VS Code has no system "${target}".`);

  // In a folder of its own, so that making a VSIX for another system leaves dist/ alone.
  const stage = inCache("vsix", target);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const parts = ["dist", "resources", "l10n", "package.nls.json", ".vscodeignore"];
  for (const name of [...parts, "README.md", "CHANGELOG.md", "LICENSE"]) {
    if (existsSync(inProject(name))) cpSync(inProject(name), path.join(stage, name), { recursive: true });
  }
  const manifest = shippedManifest();
  writeFileSync(path.join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  shipEsbuild(path.join(stage, "dist", "esbuild"), await esbuildPackage(esbuildPlatform));

  const file = inProject(`gradlens-${target}-${manifest["version"]}.vsix`);
  const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links"];
  const vsce = [packageProgram("@vscode/vsce", "vsce"), "package", "--target", target, "--out", file, ...options];
  await runQuietly(process.execPath, vsce, { cwd: stage });
  return file;
}

/** The manifest without what only the project's own folder needs. */
function shippedManifest(): Record<string, unknown> {
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const development = ["private", "scripts", "exports", "bin", "devDependencies", "optionalDependencies"];
  for (const key of development) delete manifest[key];
  return manifest;
}

/** The folder of an esbuild platform package: npm put this system's into node_modules, another system's is fetched from npm. */
async function esbuildPackage(platform: string): Promise<string> {
  const installed = inProject("node_modules", "@esbuild", platform);
  if (existsSync(installed)) return installed;

  const { version } = JSON.parse(readFileSync(inProject("node_modules", "esbuild", "package.json"), "utf8"));
  const folder = inCache("esbuild", version);
  const unpacked = path.join(folder, platform);
  if (existsSync(unpacked)) return unpacked;

  const fetched = await runQuietly("npm", ["pack", "--silent", `@esbuild/${platform}@${version}`], {
    cwd: folder,
    shell: process.platform === "win32",
  });
  const archive = path.join(folder, fetched.trim().split("\n").at(-1) ?? "");
  if ((await run("tar", ["-xzf", archive, "-C", folder])) !== 0) throw new Error(`${archive} cannot be unpacked.`);
  renameSync(path.join(folder, "package"), unpacked);
  rmSync(archive);
  return unpacked;
}
