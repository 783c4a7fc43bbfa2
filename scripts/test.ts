// Sets up what is missing and runs the tests: all of them, or the suites that are named.
//
//     npm test
//     npm test -- engine webview
//     npm test -- engine --grep "matmul"

import { runSuite, suites, whyNot } from "./testSuites.ts";

const given = process.argv.slice(2);
const firstOption = given.findIndex((one) => one.startsWith("-"));
const names = firstOption < 0 ? given : given.slice(0, firstOption);
const mochaArguments = firstOption < 0 ? [] : given.slice(firstOption);

const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`No suite is called ${unknown.join(", ")}. There are ${suites.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  if (names.length > 0 && !names.includes(suite.name)) continue;

  const reason = whyNot(suite);
  if (reason !== undefined) {
    console.log(`\n${suite.name}: left out, ${reason}`);
    continue;
  }

  console.log(`\n${suite.name}`);
  const started = performance.now();
  const counts = await runSuite(suite, mochaArguments);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`  ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

if (total.skipped > 0) console.log(`\n${total.skipped} skipped`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
