/** Variables of the editor and of Node's debugger that would change how the user's program runs. */
const unwanted =
  /^(NODE_OPTIONS|NODE_INSPECT_.*|NODE_CHANNEL_.*|NODE_UNIQUE_ID|NODE_V8_COVERAGE|VSCODE_.*|ELECTRON_.*|ESBUILD_BINARY_PATH)$/i;

/** The environment the user's program gets: the one they have in a terminal. */
export function cleanEnvironment(environment: NodeJS.ProcessEnv, runsElectron: boolean): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(Object.entries(environment).filter(([name]) => !unwanted.test(name)));
  return runsElectron ? { ...clean, ELECTRON_RUN_AS_NODE: "1" } : clean;
}
