/** Everything a panel's page refers to, as addresses its webview may load. */
export interface PanelPage {
  readonly title: string;
  /** A random number of this page alone: only scripts and styles that carry it are run. */
  readonly nonce: string;
  /** The webview's own origin, as its content security policy names it. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** The panel's worker, which it fetches and starts from a blob; null when it has none. */
  readonly worker: string | null;
}

/** The page of a panel: nothing runs and nothing is loaded but what is named here. Data comes by message, never inside the page. */
export function panelPage({ title, nonce, cspSource, script, style, worker }: PanelPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
    ...(worker === null ? [] : [`connect-src ${cspSource}`, "worker-src blob:"]),
  ].join("; ");
  const workerAddress = worker === null ? "" : ` data-worker="${escapeAttribute(worker)}"`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${escapeAttribute(nonce)}">
<title>${escapeAttribute(title)}</title>
<link rel="stylesheet" nonce="${escapeAttribute(nonce)}" href="${escapeAttribute(style)}">
</head>
<body>
<div id="panel"${workerAddress}></div>
<script nonce="${escapeAttribute(nonce)}" src="${escapeAttribute(script)}"></script>
</body>
</html>
`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
