import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { packageProgram, runNode, runQuietly } from "./project.ts";

/** Arguments that keep a Chromium in a test from talking to anybody and from needing a graphics card. */
export const browserArguments: readonly string[] = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a Chromium that runs here: one that is installed, else one that this installs. */
export async function setUpBrowser(): Promise<string> {
  const installed = findBrowser();
  if (installed !== undefined) return installed;

  if (isRootOnDebian()) {
    console.log("Installing Debian's chromium-headless-shell (once) …");
    const packages = ["chromium-headless-shell", "fonts-dejavu-core", "fonts-liberation"];
    const options = { env: { DEBIAN_FRONTEND: "noninteractive" } };
    await runQuietly("apt-get", ["update"], options);
    await runQuietly("apt-get", ["install", "-y", "--no-install-recommends", ...packages], options);
  } else {
    console.log("Installing Playwright's Chromium (once) …");
    const withLibraries = process.platform === "linux" && process.getuid?.() === 0 ? ["--with-deps"] : [];
    await runNode([packageProgram("playwright-core", "cli.js"), "install", ...withLibraries, "chromium"]);
  }

  const found = findBrowser();
  if (found !== undefined) return found;
  throw new Error(
    "The panels and the real VS Code are tested in Chromium, and there is none. Install Chrome or Chromium, or name one in the variable CHROME_PATH.",
  );
}

/** The first browser of the Chromium family that starts. */
function findBrowser(): string | undefined {
  const names = [process.env["CHROME_PATH"], ...usualPlaces(), chromium.executablePath()];
  return names.find((file) => file !== undefined && existsSync(file) && starts(file));
}

function usualPlaces(): string[] {
  if (process.platform === "darwin") {
    const programs = ["Google Chrome", "Chromium", "Microsoft Edge"];
    return programs.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === "win32") {
    const roots = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"].map((name) => process.env[name] ?? "C:\\");
    const programs = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];
    return roots.flatMap((root) => programs.map((program) => path.join(root, program)));
  }
  // The first one draws the same pages in half the time: it is a browser without the parts that have windows.
  const names = [
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "microsoft-edge",
  ];
  return names.map((name) => `/usr/bin/${name}`);
}

/** Ubuntu's chromium is a note that the snap is missing, so being there is not enough. Windows would open a window instead of answering. */
function starts(file: string): boolean {
  return process.platform === "win32" || spawnSync(file, ["--version"], { timeout: 20_000 }).status === 0;
}

function isRootOnDebian(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return existsSync("/etc/debian_version") && !existsSync("/etc/lsb-release") && existsSync("/usr/bin/apt-get");
}
