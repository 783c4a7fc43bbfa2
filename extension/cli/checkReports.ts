import type { CheckResult } from "./check.ts";

/** The results in JUnit's XML, one suite a file. */
export function junitReport(results: readonly CheckResult[]): string {
  const files = [...new Set(results.map((result) => result.file))];
  const suites = files.map((file) => {
    const own = results.filter((result) => result.file === file);
    const cases = own.map((result) => {
      const open = `    <testcase name="${xml(title(result))}" classname="${xml(file)}" file="${xml(file)}"${result.line === null ? "" : ` line="${result.line}"`}`;
      if (result.passed) return `${open}/>`;
      return `${open}>\n      <failure message="${xml(firstLine(result.message))}">${xml(result.message ?? "")}</failure>\n    </testcase>`;
    });
    const failures = own.filter((result) => !result.passed).length;
    return `  <testsuite name="${xml(file)}" tests="${own.length}" failures="${failures}">\n${cases.join("\n")}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

/** The failures in SARIF 2.1.0, for code scanning. */
export function sarifReport(results: readonly CheckResult[]): string {
  const failures = results.filter((result) => !result.passed);
  return JSON.stringify(
    {
      version: "2.1.0",
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      runs: [
        {
          tool: { driver: { name: "gradlens", rules: [{ id: "gradcheck", shortDescription: { text: "A gradient that disagrees with finite differences." } }] } },
          results: failures.map((result) => ({
            ruleId: "gradcheck",
            level: "error",
            message: { text: result.message ?? `${result.name} failed` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: encodeURI(result.file) },
                  region: { startLine: result.line ?? 1 },
                },
              },
            ],
          })),
        },
      ],
    },
    null,
    2,
  );
}

const title = ({ name, line }: CheckResult): string => (line === null ? name : `${name} (line ${line})`);

const firstLine = (message: string | null): string => (message ?? "").split("\n", 1)[0] ?? "";

/** XML 1.0 has no place for control characters. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
