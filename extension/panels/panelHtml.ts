import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { panelPage } from "./panelPage.ts";

/** Which bundle a panel's page loads. */
export interface PanelBundle {
  /** `graph` for `dist/webview/graph.js` and `graph.css`. */
  readonly name: string;
  readonly title: string;
  /** `layoutWorker` for `dist/webview/graph.layoutWorker.js`. */
  readonly worker?: string;
}

/** The only folder a panel may load from: pass it as `localResourceRoots`. */
export function panelRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "dist", "webview");
}

/** The page of a panel, with a new nonce each time it is made. */
export function panelHtml(webview: vscode.Webview, extensionUri: vscode.Uri, bundle: PanelBundle): string {
  const address = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(panelRoot(extensionUri), file)).toString();
  return panelPage({
    title: bundle.title,
    nonce: randomBytes(24).toString("base64url"),
    cspSource: webview.cspSource,
    script: address(`${bundle.name}.js`),
    style: address(`${bundle.name}.css`),
    worker: bundle.worker === undefined ? null : address(`${bundle.name}.${bundle.worker}.js`),
  });
}
