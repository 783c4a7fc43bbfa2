import assert from "node:assert/strict";
import { Bag } from "../../extension/disposables.ts";
import { Emitter } from "../../extension/emitter.ts";

describe("a bag", () => {
  it("ends what it owns, last first, and once", () => {
    const ended: string[] = [];
    const bag = new Bag();
    for (const name of ["a", "b"]) bag.own({ dispose: () => ended.push(name) });
    bag.dispose();
    bag.dispose();
    assert.deepEqual(ended, ["b", "a"]);
  });

  it("ends at once what comes too late", () => {
    let isEnded = false;
    const bag = new Bag();
    bag.dispose();
    bag.own({ dispose: () => (isEnded = true) });
    assert.equal(isEnded, true);
  });
});

describe("an emitter", () => {
  it("tells a listener as often as it was added, until it is removed", () => {
    const emitter = new Emitter<number>();
    const heard: number[] = [];
    const listener = (value: number) => heard.push(value);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(heard, [1, 1, 2]);
  });

  it("can lose a listener while it tells", () => {
    const emitter = new Emitter<void>();
    let count = 0;
    const own = emitter.event(() => {
      count++;
      own.dispose();
    });
    emitter.event(() => count++);
    emitter.fire();
    emitter.fire();
    assert.equal(count, 3);
  });
});
