import assert from "node:assert/strict";
import { visibleText, withoutIcons, withoutLinks } from "../../extension/plainText.ts";

describe("texts of the user's program", () => {
  it("lose marks that turn the direction of writing", () => assert.equal(visibleText("a\u202Eb\u2066c"), "abc"));
  it("keep line ends, letters of all alphabets and emoji", () => {
    assert.equal(visibleText("größe\nשלום 😀"), "größe\nשלום 😀");
  });
  it("become no icons", () => assert.equal(withoutIcons("$(trash) x"), "\\$(trash) x"));
  it("become no links in notifications", () => {
    assert.ok(!withoutLinks("[click](command:workbench.action.quit)").includes("]("));
  });
});
