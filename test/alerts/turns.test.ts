import assert from "node:assert/strict";
import { F, manualSeed, nn, optim, randn, setGradEnabled, tensor } from "../../engine/index.ts";
import { alertsInParts } from "../../engine/recording/queries/alerts.ts";
import { PART } from "../../engine/recording/queries/parts.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";

/** So many looks at the recording may be taken in one turn: some for each row of a part. */
const MOST = 20 * PART;
/** So many that three looks at each event in one turn are more than that. */
const EVENTS = 8 * PART;

describe("alerts of a long run", function () {
  this.timeout(120_000);

  it("of one deep graph are worked out in short turns", () => {
    assertShortTurns(
      recorded((isFull) => {
        let y = tensor(0.9, { requiresGrad: true }).mul(0);
        for (let i = 0; !isFull(1 / 2); i++) y = i % 2 === 0 ? y.mul(0.999) : y.add(0.5);
        y.backward();
      }),
    );
  });

  it("of many steps of a model are, too", () => {
    assertShortTurns(
      recorded((isFull) => {
        manualSeed(0);
        const net = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 2), new nn.Tanh());
        const out = new nn.Linear(2, 1);
        const optimizer = new optim.SGD([...net.parameters(), ...out.parameters()], { lr: 0.01 });
        const [x, target] = [randn(4, 2), randn(4, 1)];
        while (!isFull(1)) {
          optimizer.zeroGrad();
          F.mseLoss(out.forward(net.forward(x)), target).backward();
          nn.utils.clipGradNorm_(net.parameters(), 1);
          optimizer.step();
        }
      }),
    );
  });

  it("of many numbers that are computed and read with recording switched off are, too", () => {
    assertShortTurns(
      recorded((isFull) => {
        const net = new nn.Linear(2, 2);
        net
          .forward(tensor([1, 2]))
          .sum()
          .backward();
        setGradEnabled(false);
        for (let i = 0; !isFull(1); i++) net.forward(tensor([i, i + 0.5])).tolist();
        setGradEnabled(true);
      }),
    );
  });
});

/** Records a program that asks whether it has made its share of the events. */
function recorded(program: (isFull: (share: number) => boolean) => void): Recording {
  const recording = new Recording();
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined };
  const recorder = startRecording(host, undefined);
  program((share) => recording.tables.events.rows >= share * EVENTS);
  recorder.finish();
  return recording;
}

function assertShortTurns(recording: Recording): void {
  assert.ok(recording.tables.events.rows >= EVENTS);
  const counter = countReads(recording);
  const parts = alertsInParts(recording);
  let most = 0;
  for (let done = false; !done; most = Math.max(most, counter.reads)) {
    counter.reads = 0;
    done = parts.next().done === true;
  }
  assert.ok(most > 0 && most <= MOST, `${most} looks were taken in one turn`);
}

/** Counts the looks at a recording's tables: at a number, or at some in a row. */
function countReads(recording: Recording): { reads: number } {
  const counter = { reads: 0 };
  for (const { column } of Object.values(recording.tables)) {
    for (const [name, array] of Object.entries(column)) {
      (column as Record<string, typeof array>)[name] = new Proxy(array, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (key !== "length") counter.reads++;
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    }
  }
  return counter;
}
