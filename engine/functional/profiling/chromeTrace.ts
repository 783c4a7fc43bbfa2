import type { ProfiledEvent } from "./collector.ts";

type TraceEvent = { readonly [field: string]: unknown };

/** Forward and backward are drawn as threads of one process. */
const PROCESS = 1;
const THREAD = { forward: 1, annotation: 1, backward: 2 } as const;

/**
 * Events in Chrome's trace format as PyTorch's profiler writes it: an object with `traceEvents`, times in microseconds.
 * An arrow leads from each forward op to its backward node; both have the node's sequence number.
 */
export function chromeTrace(events: readonly ProfiledEvent[]): string {
  const traceEvents = [...threadNames(), ...events.map(duration), ...arrows(events), ...allocations(events)];
  return JSON.stringify({ schemaVersion: 1, displayTimeUnit: "ms", traceEvents });
}

const micro = (ms: number): number => Math.round(ms * 1e6) / 1e3;
const placed = ({ kind }: ProfiledEvent): TraceEvent => ({ pid: PROCESS, tid: THREAD[kind] });

function threadNames(): TraceEvent[] {
  const name = (tid: number, text: string): TraceEvent => ({
    name: "thread_name",
    ph: "M",
    pid: PROCESS,
    tid,
    args: { name: text },
  });
  return [name(THREAD.forward, "forward"), name(THREAD.backward, "backward")];
}

function duration(event: ProfiledEvent): TraceEvent {
  const { key, kind, start, end, sequence, dims } = event;
  const linked = sequence === null ? {} : { "Sequence number": sequence, "Fwd thread id": kind === "backward" ? 1 : 0 };
  return {
    ph: "X",
    cat: kind === "annotation" ? "user_annotation" : "cpu_op",
    name: key,
    ...placed(event),
    ts: micro(start),
    dur: micro(end - start),
    args: { ...linked, "Input Dims": dims },
  };
}

/** From the op that made a node to the node: by sequence number. */
function arrows(events: readonly ProfiledEvent[]): TraceEvent[] {
  const makers = new Map<number, ProfiledEvent>();
  for (const event of events)
    if (event.kind === "forward" && event.sequence !== null) makers.set(event.sequence, event);
  return events.flatMap((event) => {
    const maker = event.kind === "backward" && event.sequence !== null ? makers.get(event.sequence) : undefined;
    if (maker === undefined) return [];
    const shared = { id: event.sequence, cat: "fwdbwd", name: "fwdbwd" };
    return [
      { ph: "s", ...shared, ...placed(maker), ts: micro(maker.start) },
      { ph: "f", bp: "e", ...shared, ...placed(event), ts: micro(event.start) },
    ];
  });
}

/** What each op allocated, and the sum so far. */
function allocations(events: readonly ProfiledEvent[]): TraceEvent[] {
  let total = 0;
  return events
    .filter(({ bytes }) => bytes > 0)
    .map((event) => {
      total += event.bytes;
      return {
        ph: "i",
        s: "t",
        cat: "cpu_instant_event",
        name: "[memory]",
        ...placed(event),
        ts: micro(event.end),
        args: { Bytes: event.bytes, "Total Allocated": total },
      };
    });
}
