import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gradlens } from "./program.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("README.md", () => {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  const sessions = [...readme.matchAll(/^```\n\$ gradlens ([^\n]+)\n([\s\S]*?)```$/gm)];

  it("shows a session in the terminal", () => assert.ok(sessions.length > 0));

  for (const [, command = "", shown = ""] of sessions) {
    it(`shows what 'gradlens ${command}' prints`, async () => {
      const { stdout } = await gradlens(command.split(" "), { cwd: root });
      assert.equal(stdout.slice(0, shown.length), shown);
    });
  }
});
