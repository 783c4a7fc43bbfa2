import type { Event, TextDocument, TextDocumentSaveReason, TextDocumentWillSaveEvent } from "vscode";

/** What VS Code tells of the saves of its documents. */
export interface SaveEvents {
  readonly onWillSaveTextDocument: Event<Pick<TextDocumentWillSaveEvent, "document" | "reason">>;
  readonly onDidSaveTextDocument: Event<TextDocument>;
}

/** For how long, in milliseconds. */
export interface SavePatience {
  /** Nothing is heard of a save before it counts as one that failed. */
  readonly quietMs: number;
  /** Others are waited for at all: formatters take seconds on a busy machine. */
  readonly longestMs: number;
}

/** Of a save that was asked for, as ours is. VS Code's enumeration is there in an extension alone. */
const manual: TextDocumentSaveReason.Manual = 1;

/** So many answers without a word of any save are believed, too: a file may have become read-only. */
const MOST_SILENT = 5;

/**
 * Saves a document, and tells whether it is saved. VS Code may answer no although nothing failed: it begins no save while the formatters
 * of another one, such as an auto save, are at work, and ends one early when another comes. So its no is believed of a save that began
 * and that no other followed.
 */
export async function saveDocument(
  document: TextDocument,
  { onWillSaveTextDocument, onDidSaveTextDocument }: SaveEvents,
  { quietMs, longestMs }: SavePatience = { quietMs: 1500, longestMs: 20_000 },
): Promise<boolean> {
  const saved = Promise.withResolvers<true>();
  let begun = 0;
  let others = 0;
  let silent = 0;
  const listening = [
    onWillSaveTextDocument((event) => {
      if (event.document !== document) return;
      // The first one that was asked for is ours.
      if (event.reason === manual && begun === 0) begun++;
      else others++;
    }),
    onDidSaveTextDocument((one) => {
      if (one === document) saved.resolve(true);
    }),
  ];
  try {
    for (const start = performance.now(); performance.now() - start < longestMs; ) {
      begun = 0;
      others = 0;
      // A document that was closed meanwhile throws.
      const isSaved = await document.save().then(undefined, () => false);
      if (isSaved || !document.isDirty) return true;
      if (document.isClosed) return false;
      if (await Promise.race([saved.promise, quiet(quietMs)])) return true;
      if (others > 0) continue;
      if (begun > 0 || ++silent === MOST_SILENT) return false;
    }
    return false;
  } finally {
    for (const listener of listening) listener.dispose();
  }
}

function quiet(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false));
}
