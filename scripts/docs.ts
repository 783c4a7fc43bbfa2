// Writes docs/ops.md from what the ops tell about themselves, docs/parity.md from what the tests say, docs/alerts.md from the table of rules and the
// programs they are tried on, and the terminal's text in the README from what it prints. `-- --pictures` also takes the README's pictures anew, in a real VS Code.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Bench, runAll } from "../test/alerts/programs.ts";
import { builtVsix, RealVsCode } from "../test/support/realVsCode.ts";
import { alertDocument } from "./alertDocument.ts";
import { bundle } from "./bundle.ts";
import { opDocument } from "./opDocument.ts";
import { parityDocument } from "./parityDocument.ts";
import { pictureOptions, takePictures } from "./pictures.ts";
import { inProject } from "./project.ts";
import { withTerminalSessions } from "./terminalSessions.ts";
import { packVsix, thisTarget } from "./vsix.ts";

const { values } = parseArgs({ options: { pictures: { type: "boolean", default: false } } });

const text = opDocument();
writeFileSync(inProject("docs", "ops.md"), text);
console.log(`docs/ops.md: ${text.match(/^### /gm)?.length ?? 0} ops`);
writeFileSync(inProject("docs", "parity.md"), await parityDocument());
console.log("docs/parity.md: what holds, and what differs");
await writeSessions();
await writeAlerts();
if (values.pictures) await writePictures();

async function writeSessions(): Promise<void> {
  await bundle({ parts: ["programs"] });
  const file = inProject("README.md");
  writeFileSync(file, await withTerminalSessions(readFileSync(file, "utf8")));
  console.log("README.md: what the terminal shows");
}

/** Runs the programs of the built parts. */
async function writeAlerts(): Promise<void> {
  const bench = new Bench();
  const measured = await runAll(bench).finally(() => bench.dispose());
  writeFileSync(inProject("docs", "alerts.md"), alertDocument(measured));
  console.log(`docs/alerts.md: ${measured.wrong.length} wrong programs, ${measured.right.length} right ones`);
}

async function writePictures(): Promise<void> {
  await bundle();
  await packVsix(thisTarget);
  const code = await RealVsCode.start({ folder: inProject("examples"), vsix: builtVsix(), ...pictureOptions });
  try {
    mkdirSync(inProject("docs", "images"), { recursive: true });
    for (const [name, file] of await takePictures(code)) cpSync(file, inProject("docs", "images", `${name}.png`));
  } finally {
    await code.stop();
  }
  console.log("docs/images: the README's pictures");
}
