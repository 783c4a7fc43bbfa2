import assert from "node:assert/strict";
import { SourceCode } from "../../extension/editor/fixes/sourceCode.ts";

/** The call whose name stands after the mark `▸`. */
function callIn(text: string) {
  const offset = text.indexOf("▸");
  const code = new SourceCode(text.replace("▸", ""));
  return { code, call: code.callAt(offset) };
}

describe("the text of a program", () => {
  it("tells what stands before a call and in its parentheses", () => {
    const { code, call } = callIn("const y = new nn.Linear(2, 1).forward(x)!.▸clamp({ min: f(1, 2) }, `a,b`);");
    assert.ok(call?.receiver);
    assert.equal(code.textOf(call.receiver), "new nn.Linear(2, 1).forward(x)!");
    assert.deepEqual(
      call.args.map((arg) => code.textOf(arg)),
      ["{ min: f(1, 2) }", "`a,b`"],
    );
  });

  it("goes past strings, templates, patterns and comments", () => {
    const template = ["`", "$", '{")"}`'].join("");
    const { code, call } = callIn(`f(")", /[)/]+"/, ${template}, 1 / 2 /* ) */).▸log() // )`);
    assert.ok(call?.receiver);
    assert.equal(code.textOf(call.receiver).startsWith("f("), true);
  });

  it("does not touch a call behind a question mark, or one whose commas may belong to types", () => {
    assert.equal(callIn("x?.▸log()").call, null);
    assert.equal(callIn("▸f(g<A, B>(x), y)").call, null);
  });

  it("finds the statement of a call inside of parentheses and over several lines", () => {
    const text =
      "const a = 1\n  const loss = F.mseLoss(\n    net.▸forward(x)\n      .relu(),\n    y,\n  )\nloss.backward()";
    const offset = text.indexOf("▸");
    const code = new SourceCode(text.replace("▸", ""));
    const statement = code.statementAt(offset);
    assert.ok(statement);
    assert.ok(code.textOf(statement).startsWith("const loss"));
    assert.ok(code.textOf(statement).endsWith(")"));
    assert.equal(statement.indent, "  ");
  });

  it("says of a statement that shares its line that it stands on no line of its own", () => {
    const code = new SourceCode("a(); b();");
    assert.equal(code.statementAt(5), null);
  });

  it("reads anything without failing, or an end", () => {
    const pieces = ["`$" + "{", '"', "'", "/", "(", "}", "]", "\\", "é", "1.", "..", "#", "\n", "=>", "𝒳", "//", "/*"];
    for (let i = 0; i < 300; i++) {
      const text = Array.from(
        { length: 12 },
        (_, k) => pieces[(i * 7 + k * k * 3 + ((i * k) % 5)) % pieces.length],
      ).join("");
      const code = new SourceCode(text);
      for (let at = 0; at < text.length; at++) {
        code.callAt(at);
        code.statementAt(at);
        code.initializerAt(at);
        code.blockAt(at);
      }
    }
  });
});
