import assert from "node:assert/strict";
import type { TextDocument, TextDocumentSaveReason } from "vscode";
import { saveDocument } from "../../extension/commands/saveDocument.ts";

const asked: TextDocumentSaveReason.Manual = 1;
const automatic: TextDocumentSaveReason.AfterDelay = 2;

type Listener<T> = (event: T) => unknown;

/** A document whose saves end as they are told to, one after the other, and what VS Code would tell of them. */
class SavedDocument {
  readonly #willSave = new Set<Listener<{ document: TextDocument; reason: TextDocumentSaveReason }>>();
  readonly #didSave = new Set<Listener<TextDocument>>();
  readonly #saves: ((document: SavedDocument) => boolean)[];
  readonly #document: TextDocument;

  constructor(...saves: ((document: SavedDocument) => boolean)[]) {
    this.#saves = saves;
    const save = async (): Promise<boolean> => {
      const next = this.#saves.shift();
      assert.ok(next, "saved once too often");
      return next(this);
    };
    const document: Partial<TextDocument> = { isDirty: true, isClosed: false, save };
    this.#document = document as TextDocument;
  }

  get savesLeft(): number {
    return this.#saves.length;
  }

  close(): void {
    Object.assign(this.#document, { isClosed: true });
  }

  begin(reason: TextDocumentSaveReason = asked): void {
    for (const listener of this.#willSave) listener({ document: this.#document, reason });
  }

  end(): void {
    for (const listener of this.#didSave) listener(this.#document);
  }

  async save(): Promise<boolean> {
    const listen =
      <T>(listeners: Set<Listener<T>>) =>
      (listener: Listener<T>) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      };
    const events = { onWillSaveTextDocument: listen(this.#willSave), onDidSaveTextDocument: listen(this.#didSave) };
    // Whoever waits for the longest time is stopped by the test's own limit.
    const saved = await saveDocument(this.#document, events, { quietMs: 20, longestMs: 600_000 });
    assert.equal(this.#willSave.size + this.#didSave.size, 0, "still listens");
    return saved;
  }
}

const works = (document: SavedDocument): boolean => {
  document.begin();
  return true;
};
const fails = (document: SavedDocument): boolean => {
  document.begin();
  return false;
};
/** VS Code's answer while the formatters of another save are at work. */
const doesNotBegin = (): boolean => false;

describe("saving a document before a run", () => {
  it("is done when VS Code says so", async () => {
    assert.equal(await new SavedDocument(works).save(), true);
  });

  it("has failed when VS Code says no to a save that it began, and is not tried again", async () => {
    const document = new SavedDocument(fails, works);
    assert.equal(await document.save(), false);
    assert.equal(document.savesLeft, 1);
  });

  it("has failed when the document is closed without", async () => {
    const document = new SavedDocument(() => {
      document.close();
      throw new Error("Document has been closed.");
    });
    assert.equal(await document.save(), false);
  });

  it("waits for another save that is at work", async () => {
    const document = new SavedDocument(() => {
      setTimeout(() => document.end(), 5);
      return false;
    });
    assert.equal(await document.save(), true);
  });

  it("is tried again when nothing is heard of the other save", async () => {
    assert.equal(await new SavedDocument(doesNotBegin, doesNotBegin, works).save(), true);
    assert.equal(await new SavedDocument(doesNotBegin, fails).save(), false);
  });

  it("is tried again when another save ended it early", async () => {
    const isEndedEarly = (document: SavedDocument): boolean => {
      setTimeout(() => document.begin(automatic), 5);
      return fails(document);
    };
    assert.equal(await new SavedDocument(isEndedEarly, works).save(), true);
    assert.equal(await new SavedDocument(isEndedEarly, doesNotBegin, fails).save(), false);
    // The other one may begin before VS Code has answered.
    const isOvertaken = (document: SavedDocument): boolean => {
      document.begin();
      document.begin(automatic);
      return false;
    };
    assert.equal(await new SavedDocument(isOvertaken, works).save(), true);
  });

  it("is tried again when another save began in its place", async () => {
    const isReplaced = (document: SavedDocument): boolean => {
      document.begin(automatic);
      return false;
    };
    assert.equal(await new SavedDocument(isReplaced, works).save(), true);
  });

  it("has failed when nothing is heard of any save, time and again", async () => {
    const silence = Array.from({ length: 9 }, () => doesNotBegin);
    assert.equal(await new SavedDocument(...silence, works).save(), false);
  });
});
