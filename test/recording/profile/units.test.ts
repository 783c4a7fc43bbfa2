import assert from "node:assert/strict";
import { formatBytes, formatFlops, formatMs, formatShare } from "../../../engine/recording/queries/profile/units.ts";

describe("units", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["no time", formatMs(0), "0 ms"],
    ["nanoseconds", formatMs(0.000_812), "812 ns"],
    ["microseconds", formatMs(0.0456), "45.6 µs"],
    ["milliseconds", formatMs(1.2399), "1.24 ms"],
    ["seconds", formatMs(12_345), "12.3 s"],
    ["minutes", formatMs(600_000), "10.0 min"],
    ["a difference", formatMs(-2.5), "−2.50 ms"],
    ["bytes", formatBytes(640), "640 B"],
    ["megabytes", formatBytes(3.1 * 2 ** 20), "3.10 MB"],
    ["few operations", formatFlops(640), "640"],
    ["many operations", formatFlops(12.34e9), "12.3 G"],
    ["all", formatShare(1), "100%"],
    ["a part", formatShare(0.1234), "12.3%"],
    ["little", formatShare(0.000_412), "0.04%"],
  ];
  for (const [what, got, wanted] of cases) it(`write ${what} as ${wanted}`, () => assert.equal(got, wanted));
});
