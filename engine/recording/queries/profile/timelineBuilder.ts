import type { Lane, Timeline } from "./timeline.ts";

/** Takes spans in any order and makes a timeline of them. */
export class TimelineBuilder {
  count = 0;
  private lane = new Uint16Array(1024);
  private start = new Float64Array(1024);
  private end = new Float64Array(1024);
  private name = new Uint32Array(1024);
  private kind = new Uint8Array(1024);
  private event = new Uint32Array(1024);
  private link = new Int32Array(1024);
  private readonly names: string[] = [];
  private readonly nameIds = new Map<string, number>();

  /** The index of a name. */
  nameId(name: string): number {
    let id = this.nameIds.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.nameIds.set(name, id);
    }
    return id;
  }

  /** Adds a span; gives its number, for `close` and `connect`. */
  add(lane: number, kind: number, name: number, start: number, end: number, event = 0): number {
    if (this.count === this.lane.length) this.grow();
    const span = this.count++;
    this.lane[span] = lane;
    this.kind[span] = kind;
    this.name[span] = name;
    this.start[span] = start;
    this.end[span] = end;
    this.event[span] = event;
    this.link[span] = -1;
    return span;
  }

  startOf(span: number): number {
    return this.start[span];
  }

  /** Sets the end of a span that was added before it ended. */
  close(span: number, end: number): void {
    this.end[span] = end;
  }

  /** Says which forward op a backward node belongs to. */
  connect(backward: number, forward: number): void {
    this.link[backward] = forward;
  }

  /** The timeline. Lanes without spans are left out. */
  build(lanes: readonly Lane[]): Timeline {
    const { count, start, end } = this;
    const firsts = firstOfLanes(this.lane, count, lanes.length);
    const order = orderByLane(this.lane, count, firsts);
    for (let l = 0; l < lanes.length; l++) sortByTime(order.subarray(firsts[l], firsts[l + 1]), start, end);
    const timeline = {
      count,
      lane: new Uint16Array(count),
      depth: new Uint16Array(count),
      start: picked(start, order, new Float64Array(count)),
      end: picked(end, order, new Float64Array(count)),
      name: picked(this.name, order, new Uint32Array(count)),
      kind: picked(this.kind, order, new Uint8Array(count)),
      event: picked(this.event, order, new Uint32Array(count)),
      link: movedLinks(this.link, order),
      names: this.names,
      lanes: lanes.filter((_, l) => firsts[l] < firsts[l + 1]),
    };
    numberLanes(timeline.lane, firsts);
    fillDepths(timeline);
    return { ...timeline, ...extent(timeline) };
  }

  private grow(): void {
    const room = 2 * this.lane.length;
    this.lane = grown(this.lane, new Uint16Array(room));
    this.start = grown(this.start, new Float64Array(room));
    this.end = grown(this.end, new Float64Array(room));
    this.name = grown(this.name, new Uint32Array(room));
    this.kind = grown(this.kind, new Uint8Array(room));
    this.event = grown(this.event, new Uint32Array(room));
    this.link = grown(this.link, new Int32Array(room));
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

function grown<A extends Numbers>(from: A, to: A): A {
  to.set(from);
  return to;
}

function picked<A extends Numbers>(from: A, order: Uint32Array, to: A): A {
  for (let i = 0; i < order.length; i++) to[i] = from[order[i]];
  return to;
}

/** Where each lane's spans begin once they are sorted; one more for the end. */
function firstOfLanes(lane: Uint16Array, count: number, lanes: number): Uint32Array {
  const firsts = new Uint32Array(lanes + 1);
  for (let i = 0; i < count; i++) firsts[lane[i] + 1]++;
  for (let l = 0; l < lanes; l++) firsts[l + 1] += firsts[l];
  return firsts;
}

function orderByLane(lane: Uint16Array, count: number, firsts: Uint32Array): Uint32Array {
  const next = firsts.slice();
  const order = new Uint32Array(count);
  for (let span = 0; span < count; span++) order[next[lane[span]]++] = span;
  return order;
}

/** What is passed in one go counts as sorted by insertion: more than this many steps per span, and a general sort is quicker. */
const STEPS_PER_SPAN = 16;

/**
 * By start; of two that start together, the longer first. Recorded spans come almost sorted, an op after those that ran
 * inside it, so inserting is linear; a foreign trace may come in any order.
 */
function sortByTime(order: Uint32Array, start: Float64Array, end: Float64Array): void {
  let steps = 0;
  for (let i = 1; i < order.length; i++) {
    const span = order[i];
    let at = i;
    while (at > 0 && comesAfter(order[at - 1], span, start, end)) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = span;
    steps += i - at;
    if (steps > STEPS_PER_SPAN * order.length) {
      order.sort((a, b) => start[a] - start[b] || end[b] - end[a] || a - b);
      return;
    }
  }
}

/** Whether a span that was added before `b` belongs behind it. */
function comesAfter(a: number, b: number, start: Float64Array, end: Float64Array): boolean {
  return start[a] > start[b] || (start[a] === start[b] && end[a] < end[b] && end[a] > start[a]);
}

/** Links with the new numbers of what they lead to. */
function movedLinks(link: Int32Array, order: Uint32Array): Int32Array {
  const place = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) place[order[i]] = i;
  const moved = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) moved[i] = link[order[i]] === -1 ? -1 : place[link[order[i]]];
  return moved;
}

/** Numbers the lanes anew, leaving out the empty ones. */
function numberLanes(lane: Uint16Array, firsts: Uint32Array): void {
  let number = 0;
  for (let l = 0; l + 1 < firsts.length; l++) {
    if (firsts[l] === firsts[l + 1]) continue;
    lane.fill(number, firsts[l], firsts[l + 1]);
    number++;
  }
}

/** How many spans of the lane are open when each begins. */
function fillDepths({ lane, depth, start, end }: Pick<Timeline, "lane" | "depth" | "start" | "end">): void {
  const open: number[] = [];
  for (let i = 0; i < lane.length; i++) {
    if (i > 0 && lane[i] !== lane[i - 1]) open.length = 0;
    while (open.length > 0 && end[open[open.length - 1]] <= start[i]) open.pop();
    depth[i] = open.length;
    open.push(i);
  }
}

function extent({ start, end }: Pick<Timeline, "start" | "end">): { begin: number; finish: number } {
  if (start.length === 0) return { begin: 0, finish: 0 };
  let begin = start[0];
  let finish = end[0];
  for (let i = 1; i < start.length; i++) {
    if (start[i] < begin) begin = start[i];
    if (end[i] > finish) finish = end[i];
  }
  return { begin, finish };
}
