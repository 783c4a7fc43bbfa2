import type { LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { ModuleNode } from "../../engine/recording/queries/profile/moduleTree.ts";
import type { OpGrouping } from "../../engine/recording/queries/profile/opTable.ts";
import type { RecordingChunk, TableChunks } from "../../engine/recording/recording.ts";
import type {
  ComparisonReply,
  MemoryReply,
  PackedOps,
  ProfileFormat,
  SandwichReply,
} from "../../webview/protocol/profiler.ts";
import type { PackedTimeline } from "../../webview/protocol/timeline.ts";
import type { TrainingReply } from "../../webview/protocol/training.ts";
import type { ProfileFileFacts } from "./profileParts.ts";

/** What the profile worker answers, about a recording or trace that it knows by a number. */
export interface ProfileQuestions {
  timeline(subject: number): PackedTimeline;
  merged(subject: number): PackedTimeline;
  sandwich(subject: number, name: string): SandwichReply;
  ops(subject: number, grouping: OpGrouping): PackedOps;
  modules(subject: number): readonly ModuleNode[];
  lines(subject: number): LineCosts;
  memory(subject: number): MemoryReply;
  comparison(subject: number, earlier: number, label: string): ComparisonReply;
  training(subject: number): TrainingReply;
  /** Writes a file for other programs or people. */
  file(subject: number, format: ProfileFormat, file: string, facts: ProfileFileFacts): void;
  /** Reads a trace file of another program. */
  trace(subject: number, file: string): TraceFacts;
}

/** What is told of a trace that was read. */
export interface TraceFacts {
  /** From its first moment to its last. */
  readonly durationMs: number;
  /** What is not as it should be, in sentences. */
  readonly problems: readonly string[];
}

export type QuestionName = keyof ProfileQuestions;

/** What goes to the worker. Lists grow by what is new; tables are looked at where they are. */
export type ToProfileWorker =
  | {
      readonly kind: "append";
      readonly subject: number;
      readonly lists: Omit<RecordingChunk, "tables">;
      readonly tables: TableChunks;
    }
  | { readonly kind: "forget"; readonly subject: number }
  | { readonly kind: "ask"; readonly id: number; readonly question: QuestionName; readonly args: readonly unknown[] };

/** What comes back. */
export type FromProfileWorker =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly message: string };
