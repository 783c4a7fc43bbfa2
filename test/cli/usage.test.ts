import assert from "node:assert/strict";
import path from "node:path";
import { folderWith, gradlens } from "./program.ts";

describe("the command line", () => {
  const folder = folderWith({
    "fine.ts": "export {};\n",
    "junk.gradlens": "not a recording",
    "models/a.ts": "export {};\n",
  });
  const wrong: readonly [args: readonly string[], message: RegExp][] = [
    [[], /^Which command\? There are run, debug, check, graph, profile and report\.$/m],
    [["rum", "fine.ts"], /There is no command 'rum'\. Did you mean run\?/],
    [["run", "fine.ts", "--jsn"], /There is no option --jsn\. Did you mean --json\?/],
    [["run", "fine.ts", "--max-mem", "5"], /There is no option --max-mem\. Did you mean --max-memory\?/],
    [["run", "fine.ts", "-q"], /There is no option -q\./],
    [["run"], /run needs exactly one FILE, but got 0/],
    [["run", "fine.ts", "fine.ts"], /run needs exactly one FILE, but got 2/],
    [["check"], /No file in \. calls gradcheck/],
    [["check", "fine.ts", "fine.ts", "--save", "x.gradlens"], /--save keeps one run/],
    [["run", "fine.ts", "--trace", "t.json"], /--trace belongs to 'profile', not to 'run'/],
    [["profile"], /profile needs exactly one FILE/],
    [["report", "fine.ts", "--csv", "a.csv"], /--csv belongs to 'profile', not to 'report'/],
    [["run", "nowhere.ts"], /There is no file nowhere\.ts\./],
    [["run", "models"], /models is a folder/],
    [["run", "junk.gradlens"], /junk\.gradlens: This is not a Gradlens recording\./],
    [["run", "fine.ts", "--timeout", "soon"], /--timeout needs a number greater than 0, but got 'soon'/],
    [["run", "fine.ts", "--timeout", "-1"], /--timeout/],
    [["run", "fine.ts", "--max-memory", "0"], /--max-memory needs a number greater than 0/],
    [["run", "fine.ts", "--junit", "out.xml"], /--junit belongs to 'check', not to 'run'/],
    [["check", "fine.ts", "--all"], /--all belongs to 'run', not to 'check'/],
    [["graph", "fine.ts", "--format", "png"], /--format is dot, svg or json, not 'png'/],
    [["graph", "fine.ts", "--format", "svg", "--json"], /--json and --format svg differ/],
    [["run", "fine.ts", "--save", path.join("no", "folder.gradlens")], /no.folder\.gradlens can't be written/],
  ];
  for (const [args, message] of wrong) {
    it(`answers 'gradlens ${args.join(" ")}' with 2 and what to do instead`, async () => {
      const { code, stdout, stderr } = await gradlens(args, { cwd: folder });
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.match(stderr, /Try: gradlens --help/);
      // A run that could not be kept has been shown all the same.
      if (!args.includes("--save")) assert.equal(stdout, "");
    });
  }

  for (const args of [["--help"], ["help"], ["run", "-h"]]) {
    it(`explains itself with '${args.join(" ")}'`, async () => {
      const { code, stdout } = await gradlens(args);
      assert.equal(code, 0);
      for (const word of [
        "run FILE",
        "check [FILES",
        "graph FILE",
        "profile FILE",
        "report FILE",
        "--json",
        "--timeout",
        "--max-memory",
        "Exit code",
      ]) {
        assert.ok(stdout.includes(word), word);
      }
    });
  }

  it("fits its help into 80 columns", async () => {
    const { stdout } = await gradlens(["--help"]);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("knows its version", async () => {
    const { code, stdout } = await gradlens(["--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
