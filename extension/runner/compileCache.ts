import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/**
 * Lets Node keep what it compiles from here on in this thread, the model files as well, so that the next start finds it. The cache is the user's own, for
 * code in a folder that others can write to could be anybody's. Where it can't be, nothing is kept; nobody needs to know.
 */
export function keepCompiledCode(): void {
  const folder = cacheFolder();
  // Node before 22.1 has no such cache.
  if (folder !== null) module.enableCompileCache?.(path.join(folder, "gradlens", "compiled"));
}

/** Writes down what was compiled so far, for a thread that is ended before it ends by itself. */
export function writeCompiledCode(): void {
  module.flushCompileCache?.();
}

function cacheFolder(): string | null {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32") return LOCALAPPDATA ?? null;
  if (XDG_CACHE_HOME !== undefined && path.isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  const home = os.homedir();
  if (!path.isAbsolute(home)) return null;
  return process.platform === "darwin" ? path.join(home, "Library", "Caches") : path.join(home, ".cache");
}
