// From a clone to the product on the screen: builds it, runs a shipped model in the terminal, then opens the examples in VS Code with
// Gradlens installed. `-- --headless` takes pictures of the window instead of leaving it open.

import { globSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { builtVsix, RealVsCode } from "../test/support/realVsCode.ts";
import { VsCodeServer } from "../test/support/realVsCodeServer.ts";
import { bundle } from "./bundle.ts";
import { pictureOptions, takePictures } from "./pictures.ts";
import { inProject, root, run, runNode } from "./project.ts";
import { whyNoVsCode } from "./realVsCode.ts";
import { packVsix, thisTarget } from "./vsix.ts";

const { values } = parseArgs({ options: { headless: { type: "boolean", default: false } } });

const examples = inProject("examples");
const example = globSync("02*.ts", { cwd: examples })[0] ?? "";

console.log("Building …");
await bundle();
const vsix = await packVsix(thisTarget);

console.log(`\n$ gradlens run examples/${example}\n`);
const code = await runNode([inProject("dist", "cli.js"), "run", path.join("examples", example)]);
if (code === 0) await (values.headless ? showPictures() : openVsCode());
else process.exitCode = code;

async function openVsCode(): Promise<void> {
  if (await openOwnVsCode()) {
    console.log(`\nVS Code is open on ${examples}. Press ▶ in the title of ${example}.`);
    return;
  }

  const reason = whyNoVsCode();
  if (reason !== undefined) {
    console.log(`\nThere is no \`code\` on the PATH, and ${reason}. In your VS Code, install the VSIX: ${vsix}`);
    return;
  }
  const server = await VsCodeServer.start({ folder: examples, vsix });
  console.log(`\nVS Code runs at ${server.url}\nOpen ${example} there and press ▶ in its title. Ctrl+C ends it.`);
  await openInBrowser(server.url);
  await server.ended;
}

/** Tries the VS Code that belongs to this machine; false if there is none, or none that this user can start. */
async function openOwnVsCode(): Promise<boolean> {
  const program = process.platform === "win32" ? "code.cmd" : "code";
  const quietly = { onOutput: () => {}, shell: process.platform === "win32" };
  try {
    if ((await run(program, ["--install-extension", vsix, "--force"], quietly)) !== 0) return false;
    return (await run(program, ["--new-window", examples, path.join(examples, example)], quietly)) === 0;
  } catch {
    return false;
  }
}

/** Opens a page where there is a screen to open it on; nothing is lost where there is none, since the address is printed. */
async function openInBrowser(url: string): Promise<void> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) return;
  await run(program, [url], { onOutput: () => {} }).catch(() => {});
}

async function showPictures(): Promise<void> {
  const code = await RealVsCode.start({ folder: examples, vsix: builtVsix(), ...pictureOptions });
  try {
    const pictures = await takePictures(code);
    console.log(`\nPictures:\n${[...pictures.values()].map((file) => `  ${path.relative(root, file)}`).join("\n")}`);
  } finally {
    await code.stop();
  }
}
