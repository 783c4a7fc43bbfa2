import type { Timeline } from "../queries/profile/timeline.ts";
import { TraceElements } from "./traceElements.ts";
import { TraceSpans } from "./traceSpans.ts";

/** A file that is no readable trace. The message says why, for people. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

/** A trace of another program as a timeline. */
export interface ImportedTrace {
  readonly timeline: Timeline;
  /** What could not be read or shown, in sentences for people; empty when all is there. */
  readonly problems: readonly string[];
}

interface Host {
  TextDecoder: new () => { decode(bytes: Uint8Array): string };
}

/** The newest layout that is known: what PyTorch and Chrome write. */
const KNOWN_SCHEMA = 1;

/**
 * Reads a trace in Chrome's format, PyTorch's included, from bytes that come in parts: neither the file nor its text is
 * ever in memory as a whole, so its size does not matter. Shows what can be read.
 */
export class TraceReader {
  private readonly spans = new TraceSpans();
  private readonly elements: TraceElements;
  private readonly decoder = new (globalThis as unknown as Host).TextDecoder();
  private first: number | null = null;
  private length = 0;

  constructor() {
    this.elements = new TraceElements((element) => this.element(element));
  }

  /** Takes the next bytes. Gives false when nothing more is wanted: there is as much as can be shown. */
  push(bytes: Uint8Array): boolean {
    if (this.first === null && bytes.length > 0) {
      this.first = bytes[0];
      if (bytes[0] === 0x1f && bytes[1] === 0x8b)
        throw new TraceError("The trace is compressed. Unpack it with gunzip and open it again.");
    }
    this.length += bytes.length;
    this.elements.push(bytes);
    if (this.elements.looksLikeJson === false) throw new TraceError("This is no trace: it is not JSON.");
    return !this.spans.isFull;
  }

  /** The end of the file. Throws TraceError when there is nothing to show. */
  finish(): ImportedTrace {
    if (this.length === 0) throw new TraceError("The file is empty.");
    if (!this.elements.hasList)
      throw new TraceError("This is no trace in Chrome's format: it has no list of traceEvents.");
    const timeline = this.spans.timeline();
    const problems = [...this.ownProblems(), ...this.spans.problems()];
    if (timeline.count === 0) throw new TraceError(["There is nothing to show in this trace.", ...problems].join(" "));
    return { timeline, problems };
  }

  private ownProblems(): string[] {
    const problems: string[] = [];
    const schema = Number(this.elements.properties.get("schemaVersion") ?? KNOWN_SCHEMA);
    if (schema > KNOWN_SCHEMA)
      problems.push(
        `The trace has a later layout (${schema}) than is known here (${KNOWN_SCHEMA}): parts may be missing.`,
      );
    if (!this.spans.isFull && !this.elements.isWhole)
      problems.push("The trace is cut off: what comes before the cut is shown.");
    const { skipped } = this.elements;
    if (skipped > 0) problems.push(`${count(skipped, "event is", "events are")} too long or damaged and left out.`);
    return problems;
  }

  private element(bytes: Uint8Array): void {
    if (this.spans.isFull) return;
    let event: unknown;
    try {
      event = JSON.parse(this.decoder.decode(bytes));
    } catch {
      this.elements.skipped++;
      return;
    }
    this.spans.add(event);
  }
}

/** A whole trace. Throws TraceError when there is nothing to show. */
export function readTrace(bytes: Uint8Array): ImportedTrace {
  const reader = new TraceReader();
  const part = 1 << 20;
  for (let at = 0; at < bytes.length; at += part) if (!reader.push(bytes.subarray(at, at + part))) break;
  return reader.finish();
}

/** `1 event is`, `2 events are`. */
export const count = (n: number, one: string, many: string): string =>
  n === 1 ? `1 ${one}` : `${n.toLocaleString("en")} ${many}`;
