import type { RealVsCode } from "../test/support/realVsCode.ts";

/** Window and settings that leave room for what the pictures are about. */
export const pictureOptions = {
  viewport: { width: 1280, height: 800 },
  settings: { "gradlens.run.showConsole": false, "editor.minimap.enabled": false },
} as const;

/** The pictures of the README, by name: each takes the window to where there is something to see. */
const scenes: Readonly<Record<string, (code: RealVsCode) => Promise<void>>> = {
  async hints(code) {
    await runExample(code, "02-chain-rule.ts", "‖∇‖ 44.00");
  },
  async graph(code) {
    await code.execute("workbench.action.closeSidebar");
    await code.execute("gradlens.showGraph");
    const panel = code.webview();
    await panel.getByRole("application").waitFor();
    await panel.getByRole("button", { name: "Play backward" }).click();
    await panel.getByText("dy/dx =").first().waitFor();
    // The animation takes its time to reach x.
    await code.page.waitForTimeout(8000);
    await panel.getByRole("button", { name: "Fit" }).click();
  },
  async nan(code) {
    await code.execute("workbench.action.closeAllEditors");
    await runExample(code, "16-birth-of-a-nan.ts", "‖∇‖ NaN");
    await code.execute("workbench.actions.view.problems");
    await code.page.locator(".markers-panel .monaco-list-row").first().waitFor();
  },
  async tensors(code) {
    await code.execute("workbench.action.closeAllEditors");
    await code.execute("workbench.action.closePanel");
    await runExample(code, "13-training-loop.ts", "‖∇‖");
    await code.execute("gradlens.tensors.focus");
    await code.execute("gradlens.showGraph");
    const panel = code.webview();
    await panel.getByRole("application").waitFor();
    await panel.getByRole("button", { name: "Fit" }).click();
  },
};

/** Takes every picture; gives the paths, by name. */
export async function takePictures(code: RealVsCode): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [name, prepare] of Object.entries(scenes)) {
    await prepare(code);
    // Layout, fonts and animations come to rest.
    await code.page.waitForTimeout(1500);
    files.set(name, await code.screenshot(`demo-${name}`));
  }
  return files;
}

async function runExample(code: RealVsCode, file: string, hint: string): Promise<void> {
  await code.execute("workbench.action.focusFirstEditorGroup");
  await code.openFile(file);
  await code.execute("gradlens.runModel");
  await code.page.locator(".editor-instance .view-line", { hasText: hint }).first().waitFor({ timeout: 60_000 });
}
