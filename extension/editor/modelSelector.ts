import type { DocumentSelector } from "vscode";
import { modelLanguages } from "./modelFiles.ts";

/** The documents that features in the editor are registered for. */
export const modelSelector: DocumentSelector = modelLanguages.flatMap((language) => [
  { language, scheme: "file" },
  { language, scheme: "untitled" },
]);
