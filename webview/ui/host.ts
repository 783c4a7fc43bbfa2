/** What VS Code gives to a webview's script, once per page. */
export interface HostApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): HostApi;

/** Takes the page's one connection to the extension. */
export function acquireHost(): HostApi {
  return acquireVsCodeApi();
}
