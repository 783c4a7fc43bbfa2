import { spawn } from "node:child_process";
import path from "node:path";

/** Whether children are made leaders of a process group, by which they and what they start can be ended together. */
export const hasProcessGroups = process.platform !== "win32";

/** Ends a child at once, and the programs it started. */
export function killTree(pid: number): void {
  if (hasProcessGroups) {
    kill(-pid);
    return;
  }
  // By its whole path, because Windows looks for a program in the working folder first.
  const taskkill = path.win32.join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "taskkill.exe");
  const options = { stdio: "ignore", windowsHide: true } as const;
  spawn(taskkill, ["/pid", String(pid), "/T", "/F"], options).on("error", () => kill(pid));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}
