import { bytesText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import type { LineCost } from "../../engine/recording/queries/profile/lines.ts";

/** A line that took less than this share of the run has no bar. */
const leastShare = 0.001;

/** Eighths of a character cell. */
const blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
const mostCells = 5;

/** What stands behind a line: `↓ 1.240 ms  ↑ 3.100 ms  4.000 MB saved  20×`; ↓ is forward, ↑ the backward it caused. */
export function costText({ forward, backward, saved, calls }: LineCost): string {
  const parts = [
    `↓ ${timeText(forward)}`,
    backward > 0 ? `↑ ${timeText(backward)}` : "",
    saved > 0 ? `${bytesText(saved)} saved` : "",
    `${calls.toLocaleString("en")}×`,
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** A bar whose length is the line's share of the most expensive one. */
export function costBar(cost: LineCost, most: number): string {
  const share = most > 0 ? (cost.forward + cost.backward) / most : 0;
  if (share < leastShare) return "";
  const eighths = Math.max(1, Math.round(Math.min(1, share) * mostCells * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (blocks[eighths % 8] ?? "");
}
