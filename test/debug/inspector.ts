/** A message of V8's inspector. */
interface Told {
  readonly method?: string;
  readonly params?: {
    readonly sessionId?: string;
    readonly message?: string;
    readonly scriptId?: string;
    readonly url?: string;
    readonly sourceMapURL?: string;
    readonly callFrames?: readonly { readonly location: { readonly scriptId: string; readonly lineNumber: number } }[];
  };
}

/** Where a thread of the program has stopped; lines count from 1, in the code that runs. */
export interface Pause {
  readonly url: string;
  readonly line: number;
}

/** A debugger of JavaScript with as much as a test needs: it looks at the threads of a process, and stops at one line. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #line: { readonly url: string; readonly line: number };
  /** Address and source map of each script, by its id. */
  readonly #scripts = new Map<string, { readonly url: string; readonly map: string }>();
  #id = 0;
  #thread = "";
  #onPause: (pause: Pause) => void = () => undefined;

  /** Attaches, and stops the program at a line of the script with this address. */
  constructor(address: string, line: { readonly url: string; readonly line: number }) {
    this.#line = line;
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => {
      this.#tell("NodeWorker.enable", { waitForDebuggerOnStart: true });
      this.#tell("Runtime.runIfWaitingForDebugger");
    };
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as Told);
  }

  paused(): Promise<Pause> {
    return new Promise((resolve) => {
      this.#onPause = resolve;
    });
  }

  resume(): void {
    this.#tellThread("Debugger.resume");
  }

  /** The source map that a script carries; null when it carries none. */
  sourceMapOf(url: string): string | null {
    const [, map] =
      /^data:application\/json;base64,(.+)$/.exec(
        [...this.#scripts.values()].find((script) => script.url === url)?.map ?? "",
      ) ?? [];
    return map === undefined ? null : Buffer.from(map, "base64").toString();
  }

  close(): void {
    this.#socket.close();
  }

  #receive({ method, params = {} }: Told): void {
    if (method === "NodeWorker.attachedToWorker") {
      this.#thread = params.sessionId ?? "";
      this.#tellThread("Debugger.enable");
      this.#tellThread("Debugger.setBreakpointByUrl", { url: this.#line.url, lineNumber: this.#line.line - 1 });
      this.#tellThread("Runtime.runIfWaitingForDebugger");
    } else if (method === "NodeWorker.receivedMessageFromWorker")
      this.#hear(JSON.parse(params.message ?? "{}") as Told);
  }

  #hear({ method, params = {} }: Told): void {
    const { scriptId = "", url = "", sourceMapURL: map = "", callFrames = [] } = params;
    if (method === "Debugger.scriptParsed") this.#scripts.set(scriptId, { url, map });
    const [frame] = callFrames;
    if (method !== "Debugger.paused" || !frame) return;
    const script = this.#scripts.get(frame.location.scriptId);
    // A thread that waits at its start is stopped in what is not the user's.
    if (script?.url !== this.#line.url) this.resume();
    else this.#onPause({ url: script.url, line: frame.location.lineNumber + 1 });
  }

  #tell(method: string, params: object = {}): void {
    this.#socket.send(JSON.stringify({ id: ++this.#id, method, params }));
  }

  #tellThread(method: string, params: object = {}): void {
    const message = JSON.stringify({ id: ++this.#id, method, params });
    this.#tell("NodeWorker.sendMessageToWorker", { sessionId: this.#thread, message });
  }
}
