import { type CallTree, callTree } from "../../engine/recording/queries/profile/callTree.ts";
import { compareRecordings } from "../../engine/recording/queries/profile/compare.ts";
import { ownerClasses } from "../../engine/recording/queries/profile/lifetimes.ts";
import { lineCosts } from "../../engine/recording/queries/profile/lines.ts";
import { memoryProfile } from "../../engine/recording/queries/profile/memory.ts";
import { leftHeavy, type MergedTimeline, sandwichOf } from "../../engine/recording/queries/profile/mergedTimeline.ts";
import { moduleTree } from "../../engine/recording/queries/profile/moduleTree.ts";
import { opTable } from "../../engine/recording/queries/profile/opTable.ts";
import { type Timeline, timelineOf } from "../../engine/recording/queries/profile/timeline.ts";
import { trainingCurves } from "../../engine/recording/queries/profile/training.ts";
import { Rows } from "../../engine/recording/queries/rows.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { MemoryReply, ProfileFormat, TensorRow } from "../../webview/protocol/profiler.ts";
import type { PackedTimeline } from "../../webview/protocol/timeline.ts";
import { packOps } from "./packOps.ts";
import { packedPlaces } from "./packPlaces.ts";
import { type ProfileFileFacts, profileParts } from "./profileParts.ts";
import type { ProfileQuestions } from "./profileQuestions.ts";

/** Answers questions about one recording, or about a timeline that came from a trace; what is asked again is worked out once. */
export class ProfileAnswers {
  readonly #recording: Recording | null;
  #timeline: Timeline | null;
  #tree: CallTree | null = null;

  constructor(recording: Recording | null, timeline: Timeline | null) {
    this.#recording = recording;
    this.#timeline = timeline;
  }

  get recording(): Recording {
    if (this.#recording === null) throw new Error("A trace has times and names, and nothing else.");
    return this.#recording;
  }

  get timeline(): Timeline {
    this.#timeline ??= timelineOf(this.recording);
    return this.#timeline;
  }

  /** In columns of its own, to be handed over without a copy. */
  packedTimeline(): PackedTimeline {
    const { timeline } = this;
    const { lane, depth, start, end, name, kind, event, link } = timeline;
    return {
      ...timeline,
      lane: lane.slice(),
      depth: depth.slice(),
      start: start.slice(),
      end: end.slice(),
      name: name.slice(),
      kind: kind.slice(),
      event: event.slice(),
      link: link.slice(),
      ...packedPlaces(timeline, this.#recording),
      calls: new Uint32Array(),
    };
  }

  merged(): PackedTimeline {
    return this.#packMerged(leftHeavy(this.timeline, this.#callTree()));
  }

  sandwich(name: string): ReturnType<ProfileQuestions["sandwich"]> {
    const { callers, callees } = sandwichOf(this.timeline, this.#callTree(), this.timeline.names.indexOf(name));
    return { callers: this.#packMerged(callers), callees: this.#packMerged(callees) };
  }

  ops(grouping: Parameters<ProfileQuestions["ops"]>[1]): ReturnType<ProfileQuestions["ops"]> {
    return packOps(opTable(this.timeline, this.#recording, grouping));
  }

  modules(): ReturnType<ProfileQuestions["modules"]> {
    return moduleTree(this.recording, this.timeline);
  }

  lines(): ReturnType<ProfileQuestions["lines"]> {
    return lineCosts(this.recording, this.timeline);
  }

  training(): ReturnType<ProfileQuestions["training"]> {
    return trainingCurves(this.recording);
  }

  comparison(earlier: ProfileAnswers, label: string): ReturnType<ProfileQuestions["comparison"]> {
    return { label, comparison: compareRecordings(earlier.recording, this.recording) };
  }

  parts(format: ProfileFormat, facts: ProfileFileFacts): Iterable<string> {
    return profileParts(format, this.timeline, this.#recording, facts);
  }

  memory(): MemoryReply {
    const rows = new Rows(this.recording);
    const { time, total, byOwner, peak, kept } = memoryProfile(this.recording);
    const tensorRow = (tensor: number, bytes: number, owner: string): TensorRow => ({
      label: rows.label(tensor) ?? this.#opThatMade(rows, tensor),
      shape: rows.shape(tensor),
      bytes,
      owner,
      place: plainPlace(rows.place(tensor)),
    });
    return {
      time,
      total,
      owners: ownerClasses.map((name, i) => ({ name, bytes: byOwner[i] ?? new Float64Array(time.length) })),
      peak: {
        time: peak.time,
        bytes: peak.bytes,
        byOwner: peak.byOwner,
        tensors: peak.tensors.map(({ tensor, bytes, owner }) => tensorRow(tensor, bytes, owner)),
        others: peak.others,
      },
      kept: {
        time: kept.time,
        bytes: kept.bytes,
        count: kept.count,
        tensors: kept.tensors.map(({ tensor, bytes, op, place }) => ({
          ...tensorRow(tensor, bytes, op),
          place: plainPlace(place),
        })),
        lines: kept.lines.map(({ place, ...line }) => ({ ...line, place: plainPlace(place) ?? place })),
        checkpoints: kept.checkpoints,
      },
    };
  }

  #opThatMade(rows: Rows, tensor: number): string {
    const event = this.recording.tables.tensors.column.event[tensor] ?? 0;
    return event === 0 ? "a tensor" : `result of ${rows.eventName(event)}`;
  }

  #callTree(): CallTree {
    this.#tree ??= callTree(this.timeline);
    return this.#tree;
  }

  /** A merged span stands where the first span in it does. */
  #packMerged({ sample, ...merged }: MergedTimeline): PackedTimeline {
    const { place, places } = packedPlaces(this.timeline, this.#recording);
    return { ...merged, place: sample.map((span) => place[span] ?? -1), places };
  }
}

/** Without what else a site knows. */
function plainPlace(place: { readonly file: string; readonly line: number; readonly column: number } | null) {
  return place === null ? null : { file: place.file, line: place.line, column: place.column };
}
