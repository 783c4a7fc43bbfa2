import assert from "node:assert/strict";
import fc from "fast-check";
import { panelPage } from "../../../extension/panels/panelPage.ts";
import { serveContract } from "../../../extension/panels/rpcHost.ts";
import { contract } from "../../../webview/protocol/contract.ts";
import { type GraphReply, graphPanel } from "../../../webview/protocol/graph.ts";
import { argumentsOf, isAnything, isNumber, isString } from "../../../webview/protocol/guards.ts";
import { readMessage, writeMessage } from "../../../webview/protocol/message.ts";
import { connect, type Line, RequestFailed, RequestTimedOut } from "../../../webview/ui/rpcClient.ts";
import { nanPath } from "../graphs/examples.ts";
import { shown } from "../support/graphPage.ts";

interface EchoRequests {
  double(value: number): Promise<number>;
  wait(): Promise<void>;
}

interface EchoEvents {
  said(text: string): void;
}

const echo = contract<EchoRequests, EchoEvents>("echo", {
  requests: {
    double: { args: argumentsOf(isNumber), answer: isNumber },
    wait: { args: argumentsOf(), answer: isAnything },
  },
  events: { said: argumentsOf(isString) },
});

describe("the conversation between a panel and the extension", () => {
  it("answers a request with what the handler gives", async () => {
    const { client } = pair({ double: (value) => value * 2, wait: () => {} });
    assert.equal(await client.ask("double", [21]), 42);
  });

  it("carries NaN and the infinities, which JSON would turn into null", async () => {
    const seen: number[] = [];
    const { client } = pair({
      double: (value) => {
        seen.push(value);
        return value * 2;
      },
      wait: () => {},
    });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.equal(await client.ask("double", [value]), value * 2);
    }
    assert.deepEqual(seen, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it("brings an error's message back, and no more of it", async () => {
    const { client, wire } = pair({
      double: () => {
        throw new TypeError("no such thing");
      },
      wait: () => {},
    });
    await assert.rejects(
      client.ask("double", [1]),
      (error: unknown) => error instanceof RequestFailed && error.message === "no such thing",
    );
    assert.ok(!JSON.stringify(wire).includes("conversation.test.ts"));
  });

  it("refuses arguments that do not fit the contract, without calling the handler", async () => {
    let called = 0;
    const { send } = pair({
      double: () => {
        called++;
        return 0;
      },
      wait: () => {},
    });
    const answer = await send({ kind: "request", id: 7, method: "double", args: ["two"] });
    assert.equal(answer?.kind, "failure");
    assert.equal(called, 0);
  });

  it("answers a request it does not know with a failure, even one named like a part of every object", async () => {
    const { send } = pair({ double: () => 0, wait: () => {} });
    for (const method of ["nonsense", "constructor", "__proto__", "toString"]) {
      const answer = await send({ kind: "request", id: 8, method, args: [] });
      assert.equal(answer?.kind, "failure", method);
    }
  });

  it("rejects an answer that does not fit the contract", async () => {
    const line = new Wire();
    const client = connect(echo, line.panelEnd);
    const answer = client.ask("double", [1]);
    line.toPanel(writeMessage("echo", { kind: "answer", id: 1, value: "two" }));
    await assert.rejects(answer, RequestFailed);
  });

  it("ignores what is no message, another panel's or of another version", () => {
    const whole = writeMessage("echo", { kind: "cancel", id: 1 });
    assert.deepEqual(readMessage("echo", whole), { kind: "cancel", id: 1 });
    for (const data of [
      null,
      3,
      "x",
      [],
      {},
      { ...(whole as object), gradlens: 2 },
      { ...(whole as object), id: -1 },
    ]) {
      assert.equal(readMessage("echo", data), null);
    }
    assert.equal(readMessage("graph", whole), null);
  });

  it("survives anything that can be posted", () => {
    const { wire } = pair({ double: () => 0, wait: () => {} });
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        wire.toHost(data);
        wire.toPanel(data);
        readMessage("echo", data);
      }),
    );
  });

  it("passes every value through the wire unchanged", () => {
    const anyValue = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.double(),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(
          fc.string().filter((key) => key !== "#" && key !== "__proto__"),
          tie("value"),
        ),
      ),
    })).value;
    fc.assert(
      fc.property(anyValue, (value) => {
        const sent = JSON.parse(JSON.stringify(writeMessage("echo", { kind: "answer", id: 1, value })));
        const read = readMessage("echo", sent);
        assert.ok(read?.kind === "answer");
        assert.deepEqual(read.value, withoutNegativeZero(value));
      }),
    );
  });

  it("tells the handler when the panel no longer waits", async () => {
    const told = Promise.withResolvers<void>();
    const { client } = pair({
      double: () => 0,
      wait: (signal) => new Promise((resolve) => signal.addEventListener("abort", () => [told.resolve(), resolve()])),
    });
    const controller = new AbortController();
    const waiting = client.ask("wait", [], { signal: controller.signal });
    controller.abort(new Error("never mind"));
    await assert.rejects(waiting, /never mind/);
    await told.promise;
  });

  it("gives up waiting when nobody answers in time", async () => {
    const { client } = pair({ double: () => new Promise(() => {}), wait: () => {} });
    await assert.rejects(client.ask("double", [1], { timeout: 20 }), RequestTimedOut);
  });

  it("stops the handlers when the panel is closed", async () => {
    const stopped = Promise.withResolvers<void>();
    const { client, host } = pair({
      double: () => 0,
      wait: (signal) => new Promise(() => signal.addEventListener("abort", () => stopped.resolve())),
    });
    client.ask("wait", [], { timeout: 0 }).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    host.dispose();
    await stopped.promise;
  });

  it("delivers events that fit the contract to every listener, and no others", () => {
    const { client, host, wire } = pair({ double: () => 0, wait: () => {} });
    const heard: string[] = [];
    client.on("said", (text) => heard.push(`a ${text}`));
    client.on("said", (text) => heard.push(`b ${text}`));
    host.send.said("hello");
    wire.toPanel(writeMessage("echo", { kind: "event", name: "said", args: [5] }));
    wire.toPanel(writeMessage("echo", { kind: "event", name: "shouted", args: [] }));
    assert.deepEqual(heard, ["a hello", "b hello"]);
  });
});

describe("the graph panel's contract", () => {
  const { answer } = graphPanel.requests.loadGraph;

  it("accepts a graph, with its NaNs", () => {
    assert.ok(answer(shown(nanPath())));
    assert.ok(answer({ kind: "empty", reason: "Nothing ran yet.", action: null } satisfies GraphReply));
  });

  it("refuses a graph whose parts point outside their lists", () => {
    const good = nanPath();
    const [first] = good.edges;
    assert.ok(first);
    assert.ok(!answer(shown({ ...good, edges: [{ ...first, to: 999 }] })));
    assert.ok(!answer(shown({ ...good, backward: [{ node: 999, event: 0, gradIn: "1", crossed: [] }] })));
    assert.ok(!answer(shown({ ...good, groups: [{ id: 0, parent: 0, name: "a", type: "A" }] })));
    assert.ok(!answer({ ...shown(good), graph: { ...good, nodes: "many" } }));
  });

  it("refuses a place that is none and a file kind it does not know", () => {
    assert.ok(!graphPanel.requests.revealSource.args([{ file: "a.ts", line: 1.5, column: 1 }]));
    assert.ok(!graphPanel.requests.revealSource.args(["a.ts"]));
    assert.ok(!graphPanel.requests.saveFile.args(["exe", "…"]));
  });
});

describe("a panel's page", () => {
  const page = panelPage({
    title: 'Graph of "<model>"',
    nonce: "n0nce",
    cspSource: "https://*.vscode-cdn.net",
    script: "https://x/graph.js",
    style: "https://x/graph.css",
    worker: "https://x/graph.layoutWorker.js",
  });

  it("lets nothing run and nothing load but its own files", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'nonce-n0nce';/);
    assert.doesNotMatch(policy, /unsafe|\bhttps:(?!\/\/\*\.vscode-cdn)/);
    assert.match(policy, /worker-src blob:/);
  });

  it("has no script and no style of its own in it, and gives the toolkit its nonce", () => {
    assert.doesNotMatch(page, /<style|style=|<script[^>]*>[^<]/);
    assert.match(page, /<meta property="csp-nonce" content="n0nce">/);
    assert.ok(!page.includes("<model>"));
  });

  it("allows no worker where there is none", () => {
    const without = panelPage({ title: "T", nonce: "n", cspSource: "c", script: "s", style: "c", worker: null });
    assert.doesNotMatch(without, /worker|connect-src/);
  });
});

/** Both ends of a wire in one process; messages cross as JSON. */
class Wire {
  readonly sent: unknown[] = [];
  #panel: (data: unknown) => void = () => {};
  #host: (data: unknown) => void = () => {};

  readonly panelEnd: Line = {
    post: (message) => this.toHost(message),
    listen: (receive) => {
      this.#panel = receive;
    },
  };

  readonly hostEnd = {
    onDidReceiveMessage: (listener: (data: unknown) => unknown) => {
      this.#host = listener;
      return { dispose: () => {} };
    },
    postMessage: async (message: unknown) => {
      this.toPanel(message);
      return true;
    },
  };

  toHost(message: unknown): void {
    this.sent.push(message);
    this.#host(JSON.parse(JSON.stringify(message)));
  }

  toPanel(message: unknown): void {
    this.sent.push(message);
    this.#panel(JSON.parse(JSON.stringify(message)));
  }
}

function pair(handlers: Parameters<typeof serveContract<EchoRequests, EchoEvents>>[2]) {
  const wire = new Wire();
  const host = serveContract(echo, wire.hostEnd, handlers);
  const client = connect(echo, wire.panelEnd);
  const send = async (message: Parameters<typeof writeMessage>[1]) => {
    const before = wire.sent.length;
    wire.toHost(writeMessage("echo", message));
    await new Promise((resolve) => setImmediate(resolve));
    return readMessage("echo", wire.sent[before + 1]);
  };
  return { wire, host, client, send };
}

/** JSON has no −0. */
function withoutNegativeZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNegativeZero(inner)]));
}
