import assert from "node:assert/strict";
import path from "node:path";
import ts from "typescript6";
import { inProject } from "../scripts/project.ts";

/** Everything that `import … from "gradlens"` gives, with the members of its classes and interfaces. */
describe("docstrings", function () {
  this.timeout(60_000);

  it("stand at every public export and at every member of one", () => {
    const undocumented = withoutDocstring(inProject("engine", "index.ts"));
    assert.deepEqual(undocumented, []);
  });
});

/** `file:line name` of each public declaration that says nothing about itself. */
function withoutDocstring(entry: string): string[] {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts"],
    types: [],
  });
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Symbol>();
  const missing: string[] = [];

  const look = (symbol: ts.Symbol, name: string): void => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (seen.has(target)) return;
    seen.add(target);
    const [declaration] = target.declarations ?? [];
    if (declaration === undefined) return;
    if (ts.isSourceFile(declaration)) {
      for (const inner of checker.getExportsOfModule(target)) look(inner, `${name}.${inner.name}`);
      return;
    }
    if (target.getDocumentationComment(checker).length === 0 && symbol.getDocumentationComment(checker).length === 0)
      missing.push(`${placeOf(declaration)} ${name}`);
    for (const part of target.declarations ?? []) {
      if (!ts.isClassDeclaration(part) && !ts.isInterfaceDeclaration(part)) continue;
      for (const member of part.members) lookAtMember(member, name);
    }
  };

  const lookAtMember = (member: ts.Node, owner: string): void => {
    if (!ts.isClassElement(member) && !ts.isTypeElement(member)) return;
    if (member.name === undefined || ts.isPrivateIdentifier(member.name)) return;
    if (
      ts.isClassElement(member) &&
      ts.getCombinedModifierFlags(member) & ts.ModifierFlags.NonPublicAccessibilityModifier
    )
      return;
    const symbol = checker.getSymbolAtLocation(member.name);
    if (symbol === undefined || seen.has(symbol)) return;
    seen.add(symbol);
    if (symbol.getDocumentationComment(checker).length === 0)
      missing.push(`${placeOf(member)} ${owner}.${member.name.getText()}`);
  };

  const source = program.getSourceFile(entry);
  assert.ok(source);
  const surface = checker.getSymbolAtLocation(source);
  assert.ok(surface);
  for (const symbol of checker.getExportsOfModule(surface)) look(symbol, symbol.name);
  return missing;
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${path.relative(inProject(), file.fileName)}:${line + 1}`;
}
