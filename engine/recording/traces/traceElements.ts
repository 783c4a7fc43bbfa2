/** Hands out the elements of a trace's list of events as text, from bytes that come in parts. Never holds more than one element. */
export class TraceElements {
  /** Elements that were longer than one may be, or no objects. */
  skipped = 0;
  /** What stands beside the list at the top: short numbers and texts, by key. */
  readonly properties = new Map<string, string>();
  private readonly take: (element: Uint8Array) => void;
  private state: "start" | "top" | "list" | "done" = "start";
  /** Whether the file is an object around the list. */
  private wrapped = false;
  private listSeen = false;
  /** Brackets that are open inside the top object, or inside an element. */
  private depth = 0;
  private inString = false;
  private escaped = false;
  private readonly element = new ByteBuffer(MAX_ELEMENT);
  private readonly word = new ByteBuffer(MAX_PROPERTY);
  private key = "";

  constructor(take: (element: Uint8Array) => void) {
    this.take = take;
  }

  /** Whether the bytes began like a trace: null before the first of them. */
  get looksLikeJson(): boolean | null {
    return this.state === "start" ? null : this.wrapped || this.listSeen;
  }

  /** Whether there is a list of events. */
  get hasList(): boolean {
    return this.listSeen;
  }

  /** Whether the list was closed and every element in it. A list at the top may stay open: programs that crash leave it so. */
  get isWhole(): boolean {
    return this.state === "done" || (this.state === "list" && !this.wrapped && this.depth === 0);
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.next(bytes[i]);
  }

  private next(byte: number): void {
    if (this.state === "list") this.inList(byte);
    else if (this.state === "top") this.inTop(byte);
    else if (this.state === "start") this.atStart(byte);
  }

  private atStart(byte: number): void {
    // White space, and the three bytes that some editors put before everything.
    if (isSpace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf) return;
    this.wrapped = byte === OPEN_BRACE;
    this.listSeen = byte === OPEN_BRACKET;
    this.state = this.wrapped ? "top" : this.listSeen ? "list" : "done";
  }

  /** Beside the list: looks for its key, remembers short properties, passes over the rest. */
  private inTop(byte: number): void {
    if (this.inString) {
      this.endString(byte);
      if (this.depth === 0 && this.inString) this.word.add(byte);
      return;
    }
    if (byte === QUOTE) {
      this.inString = true;
      if (this.depth === 0) this.word.clear();
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (byte === OPEN_BRACKET && this.depth === 0 && this.key === "traceEvents") this.beginList();
      else this.depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (this.depth === 0) this.endProperty("done");
      else this.depth--;
    } else if (this.depth === 0) this.betweenProperties(byte);
  }

  private betweenProperties(byte: number): void {
    if (byte === COLON) {
      this.key = this.word.text();
      this.word.clear();
    } else if (byte === COMMA) this.endProperty("top");
    else if (!isSpace(byte)) this.word.add(byte);
  }

  private endProperty(next: "top" | "done"): void {
    if (this.key !== "" && this.properties.size < MAX_PROPERTIES) this.properties.set(this.key, this.word.text());
    this.key = "";
    this.word.clear();
    this.state = next;
  }

  private beginList(): void {
    this.state = "list";
    this.listSeen = true;
    this.key = "";
  }

  private inList(byte: number): void {
    if (this.depth > 0) this.element.add(byte);
    if (this.inString) {
      // A line break in a text is an error, and most often means that a quote got lost: the next element is readable.
      if (byte === NEWLINE) this.giveUp();
      else this.endString(byte);
    } else if (byte === QUOTE) this.inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.close(byte);
  }

  private open(byte: number): void {
    if (this.depth === 0) {
      this.element.clear();
      this.element.add(byte);
    }
    this.depth++;
  }

  private close(byte: number): void {
    if (this.depth === 0) {
      if (byte === CLOSE_BRACKET) this.state = this.wrapped ? "top" : "done";
      return;
    }
    this.depth--;
    if (this.depth > 0) return;
    if (this.element.isFull) this.skipped++;
    else this.take(this.element.bytes());
  }

  private giveUp(): void {
    this.skipped++;
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
  }

  private endString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) this.inString = false;
  }
}

/** An event with a longer text is not read. */
const MAX_ELEMENT = 4 << 20;
const MAX_PROPERTY = 64;
const MAX_PROPERTIES = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NEWLINE = 0x0a;

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Bytes up to a limit; what comes after is counted and forgotten. */
class ByteBuffer {
  private readonly limit: number;
  private room = new Uint8Array(256);
  private length = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.length > this.limit;
  }

  add(byte: number): void {
    if (this.length < this.limit) {
      if (this.length === this.room.length) {
        const larger = new Uint8Array(2 * this.length);
        larger.set(this.room);
        this.room = larger;
      }
      this.room[this.length] = byte;
    }
    this.length++;
  }

  clear(): void {
    this.length = 0;
  }

  bytes(): Uint8Array {
    return this.room.subarray(0, Math.min(this.length, this.limit));
  }

  text(): string {
    return String.fromCharCode(...this.bytes());
  }
}
