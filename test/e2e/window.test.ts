import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { themeNames } from "../support/realVsCodeServer.ts";
import { eventually } from "./pages/editorPage.ts";

describe("Gradlens in a real VS Code", () => {
  let folder: string;
  let code: RealVsCode;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-folder-"));
    writeFileSync(path.join(folder, "model.ts"), 'import { tensor } from "gradlens";\n\nconst x = tensor(2);\n');
    code = await RealVsCode.start({ folder, vsix: builtVsix() });
  });

  after(async () => {
    await code?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is installed from the VSIX and stays asleep until it is used", async () => {
    const active = await code.evaluate((vscode) => vscode.extensions.getExtension("gradlens.gradlens")?.isActive);
    assert.equal(active, false);
  });

  it("wakes up for a command from the palette", async () => {
    await code.runFromPalette("Gradlens: Show Output");
    await eventually(
      () => code.evaluate((vscode) => vscode.extensions.getExtension("gradlens.gradlens")?.isActive),
      (isActive) => isActive === true,
    );
  });

  it("opens a file at a line", async () => {
    await code.openFile("model.ts", 3);
    assert.deepEqual(await code.cursor(), { file: "model.ts", line: 3 });
  });

  it("follows the four themes", async () => {
    const backgrounds = new Set<string>();
    for (const theme of themeNames) {
      await code.useTheme(theme);
      await code.screenshot("window");
      const editor = code.page.locator(".editor-container .monaco-editor").first();
      backgrounds.add(await editor.evaluate((element) => getComputedStyle(element).backgroundColor));
    }
    // Dark Modern and the dark high contrast theme are different blacks, the two light ones share white.
    assert.ok(backgrounds.size >= 3, [...backgrounds].join(", "));
  });
});
