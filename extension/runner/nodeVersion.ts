/** Why a Node cannot run programs, or null when it can: its loader must be open to synchronous hooks. */
export function whyUnfit(version: string): string | null {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isFit = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 15);
  return isFit ? null : `Node 22.15 or newer is needed to run programs, and this is ${version}.`;
}
