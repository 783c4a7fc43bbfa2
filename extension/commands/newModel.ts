import * as vscode from "vscode";
import { defineCommand } from "./defineCommand.ts";

const firstModel = `import { tensor } from "gradlens";

// y = x² + 3x + 1, so dy/dx = 2x + 3: 7 at x = 2.
const x = tensor(2, { requiresGrad: true });
const y = x.pow(2).add(x.mul(3)).add(1);
y.backward();

console.log(x.grad?.item());
`;

/** Opens a new file with a first model in it, for somebody who has none. */
export const newModel = defineCommand("gradlens.newModel", () => async () => {
  const document = await vscode.workspace.openTextDocument({ language: "typescript", content: firstModel });
  await vscode.window.showTextDocument(document);
});
