import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { settingKeys } from "../../extension/settingKeys.ts";
import { inProject, root } from "../../scripts/project.ts";
import { ownColors } from "../../webview/ui/ownColors.ts";

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: Contributions;
}

interface Contributions {
  readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
  readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
  readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
  readonly viewsWelcome: readonly { readonly contents: string }[];
  readonly customEditors: readonly { readonly viewType: string }[];
  readonly configuration: {
    readonly properties: Readonly<Record<string, { scope: string; default: unknown; type: string }>>;
  };
  readonly colors: readonly { readonly id: string }[];
  readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
}

interface Step {
  readonly description: string;
  readonly media: { readonly svg: string };
  readonly completionEvents: readonly string[];
}

const manifestText = readFileSync(inProject("package.json"), "utf8");
const manifest: Manifest = JSON.parse(manifestText);
const texts: Readonly<Record<string, string>> = JSON.parse(readFileSync(inProject("package.nls.json"), "utf8"));
const { contributes } = manifest;

/** The extension's own sources; the runner and the terminal know no commands. */
const sources = globSync("extension/**/*.ts", { cwd: root })
  .filter((file) => !/^extension.(?:runner|cli)/.test(file))
  .map((file) => readFileSync(inProject(file), "utf8"));

/** Everything that a pattern's first group finds in the sources, each once. */
function inSources(pattern: RegExp): string[] {
  return [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, found]) => found ?? "")))].sort();
}

const declared = contributes.commands.map(({ command }) => command).sort();

describe("the manifest", () => {
  it("declares the commands that are registered, and no others", () => {
    assert.deepEqual(inSources(/defineCommand\(\s*"([^"]+)"/g), declared);
  });

  it("names in menus, and the sources run, only commands that there are", () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const run = inSources(/(?:executeCommand\(|command[:=] )\s*"(gradlens\.[^"]+)"/g);
    const linked = [...JSON.stringify(texts).matchAll(/\(command:(gradlens\.[\w.]+)\)/g)].map(([, id]) => id ?? "");
    const known = [...declared, "gradlens.tensors.focus"];
    assert.deepEqual(
      [...inMenus, ...run, ...linked].filter((command) => !known.includes(command)),
      [],
    );
  });

  it("has a text for every key, and a key for every text", () => {
    const keys = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? "");
    assert.deepEqual([...new Set(keys)].sort(), Object.keys(texts).sort());
    assert.equal(new Set(keys).size, keys.length, "a key stands for one text");
  });

  it("declares the settings that are read, and no others", () => {
    const read = Object.values(settingKeys).map((key) => `gradlens.${key}`);
    assert.deepEqual(Object.keys(contributes.configuration.properties).sort(), read.sort());
  });

  it("gives each setting a default of its type", () => {
    for (const [key, { type, default: value }] of Object.entries(contributes.configuration.properties)) {
      assert.equal(typeof value, type, key);
    }
  });

  it("lets no folder choose the program that runs models", () => {
    assert.equal(contributes.configuration.properties["gradlens.runtime.path"]?.scope, "machine");
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, "limited");
    assert.ok(restrictedConfigurations.includes("gradlens.runtime.path"));
    const unknown = restrictedConfigurations.filter((key) => !(key in contributes.configuration.properties));
    assert.deepEqual(unknown, []);
  });

  it("declares the views, editors and panels that are registered", () => {
    const views = Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id));
    assert.deepEqual(inSources(/createTreeView\(\s*"([^"]+)"/g), views);
    const editors = contributes.customEditors.map(({ viewType }) => viewType);
    assert.deepEqual(inSources(/registerCustomEditorProvider\(\s*"([^"]+)"/g), editors);
    const panels = inSources(/viewType = "([^"]+)"/g).map((id) => `onWebviewPanel:${id}`);
    assert.deepEqual(
      panels.filter((event) => !manifest.activationEvents.includes(event)),
      [],
    );
  });

  it("asks in its conditions only for context that is set", () => {
    const set = [...inSources(/"setContext",\s*"([^"]+)"/g), "gradlens.tensors"];
    const conditions = manifestText.matchAll(/"(?:when|enablement)": "([^"]+)"/g);
    const asked = [...conditions].flatMap(([, condition]) => condition?.match(/gradlens\.\w+/g) ?? []);
    assert.ok(asked.length > 0);
    assert.deepEqual(
      asked.filter((key) => !set.includes(key)),
      [],
    );
  });

  it("names only files that are there", () => {
    const files = [...manifestText.matchAll(/"((?:\.\/)?resources\/[^"]+)"/g)].map(([, file]) => file ?? "");
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.filter((file) => !existsSync(inProject(file))),
      [],
    );
  });

  it("has one walkthrough of three to six steps, each with a button and a way to complete it", () => {
    const [walkthrough, ...more] = contributes.walkthroughs;
    assert.equal(more.length, 0);
    assert.ok(walkthrough && walkthrough.steps.length >= 3 && walkthrough.steps.length <= 6);
    for (const { description, completionEvents } of walkthrough.steps) {
      assert.match(texts[description.replaceAll("%", "")] ?? "", /\]\(command:/);
      assert.ok(completionEvents.length > 0);
    }
  });

  it("puts one button into each empty view", () => {
    for (const { contents } of contributes.viewsWelcome) {
      assert.equal((texts[contents.replaceAll("%", "")] ?? "").match(/\]\(command:/g)?.length, 1);
    }
  });

  it("contributes every colour that the panels ask the theme for", () => {
    const contributed = contributes.colors.map(({ id }) => id.replace(".", "-"));
    for (const name of Object.values(ownColors)) assert.ok(contributed.includes(name), name);
  });

  it("activates for nothing wider than a TypeScript file", () => {
    assert.deepEqual(
      manifest.activationEvents.filter((event) => event === "*" || event === "onStartupFinished"),
      [],
    );
  });
});

describe("pictures that ship", () => {
  const pictures = globSync("resources/**/*.svg", { cwd: root });

  it("hold no script and load nothing", () => {
    assert.ok(pictures.length > 0);
    for (const picture of pictures) {
      const text = readFileSync(path.join(root, picture), "utf8");
      assert.doesNotMatch(text, /<script|\son\w+=|href=|url\((?!#)|<foreignObject/i, picture);
    }
  });
});
