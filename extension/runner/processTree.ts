import { spawn } from "node:child_process";

/** Whether children are made leaders of a process group, by which they and what they start can be ended together. */
export const hasProcessGroups = process.platform !== "win32";

/** Ends a child at once, and the programs it started. */
export function killTree(pid: number): void {
  if (!hasProcessGroups) {
    spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on(
      "error",
      () => undefined,
    );
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}
