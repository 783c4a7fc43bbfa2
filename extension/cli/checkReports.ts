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

/** The failures in SARIF 2.1.0, for code scanning. Each stands at its check; the line to blame is a related place. */
export function sarifReport(results: readonly CheckResult[]): string {
  const failed = results.filter(({ passed }) => !passed);
  const ids = [...new Set(failed.map(ruleId))];
  const run = {
    tool: {
      driver: {
        name: "gradlens",
        rules: ids.map((id) => ({ id, shortDescription: { text: ruleTexts[id] ?? "A gradcheck failed." } })),
      },
    },
    results: failed.map((result) => ({ ...sarifResult(result), ruleIndex: ids.indexOf(ruleId(result)) })),
  };
  return JSON.stringify(
    { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] },
    null,
    2,
  );
}

const ruleId = ({ cause }: CheckResult): string => (cause === null ? "gradcheck" : `gradcheck/${cause}`);

const ruleTexts: Readonly<Record<string, string>> = {
  gradcheck: "A gradient that disagrees with finite differences.",
  "gradcheck/sign": "A gradient with the wrong sign.",
  "gradcheck/transposed": "A transposed gradient.",
  "gradcheck/factor": "A gradient that is off by a factor.",
  "gradcheck/missing-sum": "A gradient that is not summed over what was broadcast.",
  "gradcheck/missing-term": "A gradient that lacks a term.",
  "gradcheck/undefined-grad": "A backward that cannot do without one of its gradients.",
  "gradcheck/nondeterministic": "A function or a backward that differs from run to run.",
  "gradcheck/kink": "A gradient checked at a kink.",
  "gradcheck/float32": "A gradient checked in single precision.",
  "gradcheck/step-size": "A gradient checked with a step that does not fit.",
};

function sarifResult(result: CheckResult) {
  const { name, file, line, message, blame } = result;
  return {
    ruleId: ruleId(result),
    level: "error",
    message: { text: message ?? `${name} failed` },
    locations: [{ physicalLocation: physical(file, line) }],
    ...(blame === null
      ? {}
      : {
          relatedLocations: [
            {
              id: 1,
              physicalLocation: physical(blame.file, blame.line),
              message: { text: `${blame.op} is to blame` },
            },
          ],
        }),
  };
}

function physical(file: string, line: number | null) {
  return {
    artifactLocation: { uri: isAbsolute(file) ? pathToFileURL(file).href : encodeURI(file) },
    region: { startLine: Math.max(1, line ?? 1) },
  };
}

function isAbsolute(file: string): boolean {
  return file.startsWith("/") || /^[a-z]:[\\/]/i.test(file);
}
