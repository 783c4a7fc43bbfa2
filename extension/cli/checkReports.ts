import { pathToFileURL } from "node:url";
import type { CheckResult } from "./gradchecks.ts";

/** The results in JUnit's XML, one suite a file. */
export function junitReport(results: readonly CheckResult[]): string {
  const suites = [...Map.groupBy(results, ({ file }) => file)].map(([file, own]) => {
    const cases = own.map((result) => `    ${testCase(result)}`);
    return `  <testsuite name="${xml(file)}" ${counts(own)}>\n${cases.join("\n")}\n  </testsuite>`;
  });
  return `${['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts(results)}>`, ...suites].join("\n")}\n</testsuites>\n`;
}

function testCase({ name, file, line, passed, message }: CheckResult): string {
  const title = line === null ? name : `${name} (line ${line})`;
  const where = `classname="${xml(file)}" file="${xml(file)}"${line === null ? "" : ` line="${line}"`}`;
  const open = `<testcase name="${xml(title)}" ${where}`;
  if (passed) return `${open}/>`;
  const [firstLine = ""] = (message ?? "").split("\n", 1);
  return `${open}><failure message="${xml(firstLine)}">${xml(message ?? "")}</failure></testcase>`;
}

function counts(results: readonly CheckResult[]): string {
  return `tests="${results.length}" failures="${results.filter(({ passed }) => !passed).length}"`;
}

/** What XML 1.0 has no place for: control characters but tab and line ends, half characters, and code points that are none. */
const notInXml = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu;

function xml(text: string): string {
  return text
    .replace(notInXml, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}

/** The failures in SARIF 2.1.0, for code scanning. */
export function sarifReport(results: readonly CheckResult[]): string {
  const rule = {
    id: "gradcheck",
    shortDescription: { text: "A gradient that disagrees with finite differences." },
  };
  const run = {
    tool: { driver: { name: "gradlens", rules: [rule] } },
    results: results.filter(({ passed }) => !passed).map(sarifResult),
  };
  return JSON.stringify(
    { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] },
    null,
    2,
  );
}

function sarifResult({ name, file, line, message }: CheckResult): unknown {
  const physicalLocation = {
    artifactLocation: { uri: isAbsolute(file) ? pathToFileURL(file).href : encodeURI(file) },
    region: { startLine: line ?? 1 },
  };
  return {
    ruleId: "gradcheck",
    level: "error",
    message: { text: message ?? `${name} failed` },
    locations: [{ physicalLocation }],
  };
}

function isAbsolute(file: string): boolean {
  return file.startsWith("/") || /^[a-z]:[\\/]/i.test(file);
}
