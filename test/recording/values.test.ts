import assert from "node:assert/strict";
import { noGrad, ones, optim, rand, type Tensor, tensor, zeros } from "../../engine/index.ts";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import {
  firstSlice,
  fitsShape,
  isWhole,
  quotient,
  quotientNumbers,
  quotientSlice,
  sliceOf,
} from "../../engine/recording/queries/grid.ts";
import { heatMapOf } from "../../engine/recording/queries/heatMap.ts";
import { histogramOf, outlineOf } from "../../engine/recording/queries/histogram.ts";
import { type Moment, momentsOf } from "../../engine/recording/queries/moments.ts";
import { sliceCsv, sliceJson } from "../../engine/recording/queries/sliceText.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { sampleSteps } from "../../engine/recording/watching/portions.ts";
import { recordingOf } from "../extension/recordings.ts";

function momentsCalled(recording: Recording, name: string): readonly Moment[] {
  const found = namedTensors(recording).find((one) => one.name === name);
  assert.ok(found, name);
  return momentsOf(recording, found.id).moments;
}

/** Records into `recording`; 1 is the number of the one name there is. */
function recorderOf(recording: Recording, name: string, options: object) {
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => {} };
  const recorder = startRecording(host, options);
  const place = { id: 1, name, file: "/m.ts", line: 1, column: 1, assignment: "declare" as const, alias: false };
  recording.append({ names: [place] });
  recorder.addNames(place.file, [place]);
  return recorder;
}

const numbersOf = (moment: Moment | undefined) => ({
  value: moment?.value ? Array.from(moment.value.numbers) : null,
  grad: moment?.grad ? Array.from(moment.grad.numbers) : null,
});

describe("numbers that a recording keeps", () => {
  it("are all elements of a named tensor and of its gradient at the end of the run", () => {
    const recording = recordingOf((named) => {
      const w = named(1, "w", () => rand([40, 50], { requiresGrad: true }));
      w.mul(3).sum().backward();
    });
    const [end, ...more] = momentsCalled(recording, "w");
    assert.equal(more.length, 0);
    assert.ok(end?.value && end.grad);
    assert.equal(end.value.numbers.length, 2000);
    assert.ok(isWhole(end.value));
    assert.deepEqual([...new Set(Array.from(end.grad.numbers))], [3]);
  });

  it("are the same after they were saved and opened again", () => {
    const recording = recordingOf((named) => {
      const w = named(1, "w", () => tensor([1.5, 2.5], { requiresGrad: true, dtype: "float64" }));
      w.pow(2).sum().backward();
    });
    const opened = decodeRecording(encodeRecording(recording));
    assert.deepEqual(numbersOf(momentsCalled(opened, "w")[0]), { value: [1.5, 2.5], grad: [3, 5] });
  });

  it("are read in the tensor's own order where it lies otherwise in memory", () => {
    const recording = recordingOf((named) => {
      named(1, "t", () =>
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]).transpose(0, 1),
      );
    });
    assert.deepEqual(numbersOf(momentsCalled(recording, "t")[0]).value, [1, 4, 2, 5, 3, 6]);
  });

  it("are a sample of what does not fit, every so many elements along each side", () => {
    const recording = new Recording();
    const recorder = recorderOf(recording, "big", { keptBytes: 1000 });
    const big = rand([1000, 300]);
    recorder.nameValue(1, big);
    recorder.finish();
    const grid = momentsCalled(recording, "big")[0]?.value;
    assert.ok(grid);
    assert.deepEqual(grid.steps, [4, 2]);
    assert.equal(grid.numbers.length, 250 * 150);
    const slice = sliceOf(grid, firstSlice(grid.shape));
    assert.equal(slice.at(2, 3), big.toArray()[8 * 300 + 6]);
  });

  it("follow small parameters through the steps of an optimizer, with the gradient of each step", () => {
    const recording = recordingOf((named) => {
      const w = named(1, "w", () => tensor([4], { requiresGrad: true }));
      const optimizer = new optim.SGD([w], { lr: 0.5 });
      for (let i = 0; i < 3; i++) {
        optimizer.zeroGrad();
        w.mul(w).mul(0.5).sum().backward();
        optimizer.step();
      }
    });
    assert.deepEqual(momentsCalled(recording, "w").map(numbersOf), [
      { value: [4], grad: [4] },
      { value: [2], grad: [2] },
      { value: [1], grad: [1] },
      { value: [0.5], grad: [1] },
    ]);
  });

  it("follow what a program changes in place without an optimizer, and gradients that are set to zero in place", () => {
    const recording = recordingOf((named) => {
      const w = named(1, "w", () => tensor([4], { requiresGrad: true }));
      for (let i = 0; i < 2; i++) {
        w.mul(w).mul(0.5).sum().backward();
        noGrad(() => w.sub_((w.grad as Tensor).mul(0.5)));
        w.grad?.zero_();
      }
    });
    const { unit, moments } = momentsOf(recording, namedTensors(recording).find(({ name }) => name === "w")?.id ?? 0);
    assert.equal(unit, "backward");
    assert.deepEqual(moments.map(numbersOf), [
      { value: [4], grad: [4] },
      { value: [2], grad: [2] },
      { value: [1], grad: [0] },
    ]);
  });

  it("follow a name from one tensor to the next", () => {
    const recording = new Recording();
    const recorder = recorderOf(recording, "loss", {});
    const w = tensor([3], { requiresGrad: true });
    const optimizer = new optim.SGD([w], { lr: 0.5 });
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      const loss = w.mul(2).sum();
      recorder.nameValue(1, loss);
      loss.backward();
      optimizer.step();
    }
    recorder.finish();
    const moments = momentsCalled(recording, "loss");
    assert.deepEqual(
      moments.map(({ step, value }) => [step, value?.numbers[0]]),
      [
        [0, 6],
        [1, 4],
        [2, 2],
        [3, 2],
      ],
    );
  });

  it("are refused in a file when a sample is not of its tensor's shape", () => {
    const recording = recordingOf((named) => named(1, "w", () => ones([3])) && undefined);
    recording.tables.portions.column.count[0] = 2;
    assert.throws(() => decodeRecording(encodeRecording(recording)), /damaged/);
  });
});

describe("a slice of a tensor", () => {
  const numbers = Float64Array.from({ length: 24 }, (_, i) => i);
  const grid = { shape: [2, 3, 4], steps: [1, 1, 1], numbers };

  it("cuts two dimensions out of any number, in either order", () => {
    const last = sliceOf(grid, { rowDim: 1, columnDim: 2, indices: [1, 0, 0] });
    assert.deepEqual([last.rows, last.columns, last.at(2, 3)], [3, 4, 23]);
    const other = sliceOf(grid, { rowDim: 2, columnDim: 0, indices: [0, 1, 0] });
    assert.deepEqual([other.rows, other.columns, other.at(3, 1)], [4, 2, 12 + 4 + 3]);
  });

  it("shows a vector as one column and a number as one cell", () => {
    const vector = { shape: [3], steps: [1], numbers: [7, 8, 9] };
    const column = sliceOf(vector, firstSlice(vector.shape));
    assert.deepEqual([column.rows, column.columns, column.at(2, 0)], [3, 1, 9]);
    const one = sliceOf({ shape: [], steps: [], numbers: [5] }, firstSlice([]));
    assert.deepEqual([one.rows, one.columns, one.at(0, 0)], [1, 1, 5]);
  });

  it("is empty where a dimension is", () => {
    const empty = sliceOf({ shape: [0, 3], steps: [1, 1], numbers: [] }, firstSlice([0, 3]));
    assert.equal(empty.rows * empty.columns, 0);
  });

  it("is only cut where the tensor has such dimensions and indices", () => {
    const fits = (rowDim: number, columnDim: number, indices: number[]) =>
      fitsShape({ rowDim, columnDim, indices }, grid.shape);
    assert.ok(fits(0, 2, [0, 2, 0]));
    for (const wrong of [
      fits(0, 0, [0, 0, 0]),
      fits(0, 3, [0, 0, 0]),
      fits(0, 1, [0, 0, 4]),
      fits(0, 1, [0, 0]),
      fits(0, -1, [0, 0, 0]),
    ])
      assert.equal(wrong, false);
    assert.ok(fitsShape(firstSlice([]), []));
    assert.ok(fitsShape(firstSlice([5]), [5]));
  });

  it("divides two grids where both have an element", () => {
    const top = { shape: [4], steps: [2], numbers: [6, 8] };
    const bottom = { shape: [4], steps: [1], numbers: [2, 9, 4, 9] };
    const ratio = quotient(top, bottom);
    const slice = quotientSlice(ratio, firstSlice([4]));
    assert.deepEqual([slice.rows, slice.rowStep, slice.at(0, 0), slice.at(1, 0)], [2, 2, 3, 2]);
    assert.deepEqual([...quotientNumbers(ratio, 10)], [3, 2]);
    assert.deepEqual([...quotientNumbers(ratio, 1)], [3]);
  });

  it("is written as CSV and as JSON, with words for what is no number", () => {
    const odd = { shape: [2, 2], steps: [1, 1], numbers: [1, Number.NaN, Number.NEGATIVE_INFINITY, 0.5] };
    const slice = sliceOf(odd, firstSlice(odd.shape));
    assert.equal(sliceCsv(slice), "1,NaN\n-Infinity,0.5\n");
    assert.deepEqual(JSON.parse(sliceJson(slice, { name: "w" })), {
      name: "w",
      values: [
        [1, "NaN"],
        ["-Infinity", 0.5],
      ],
    });
  });

  it("is sampled along its longest sides", () => {
    assert.deepEqual(sampleSteps([10_000, 10_000], 65_536), [64, 32]);
    assert.deepEqual(sampleSteps([100_000_000], 65_536), [2048]);
    assert.deepEqual(sampleSteps([3, 3], 65_536), [1, 1]);
  });
});

describe("a histogram", () => {
  it("counts every finite number once, and the others apart", () => {
    const { counts, nan, inf, from, to } = histogramOf([0, 1, 2, 3, 4, Number.NaN, Number.POSITIVE_INFINITY], 4);
    assert.deepEqual({ counts, nan, inf, from, to }, { counts: [1, 1, 1, 2], nan: 1, inf: 1, from: 0, to: 4 });
  });

  it("takes equal numbers, the largest doubles, and nothing at all", () => {
    assert.equal(histogramOf([2, 2, 2], 4).counts[0], 3);
    assert.deepEqual(histogramOf([-Number.MAX_VALUE, Number.MAX_VALUE], 2).counts, [1, 1]);
    assert.deepEqual(histogramOf([], 2).counts, [0, 0]);
    assert.equal(outlineOf(histogramOf([Number.NaN])), "");
  });

  it("samples many numbers and says so", () => {
    const many = histogramOf(zeros(1000).toArray() as Float32Array, 4, 100);
    assert.deepEqual([many.looked, many.every], [100, 10]);
  });

  it("has an outline in which no bin that holds something is lost", () => {
    assert.equal(outlineOf({ ...histogramOf([]), counts: [0, 1, 1000] }), "019");
  });
});

describe("a heat map", () => {
  it("is a picture of every element where there is room", () => {
    const { rows, columns, cells, scale } = heatMapOf({
      rows: 2,
      columns: 2,
      rowStep: 1,
      columnStep: 1,
      at: (r, c) => r - 2 * c,
    });
    assert.deepEqual({ rows, columns, cells, scale }, { rows: 2, columns: 2, cells: [0, -2, 1, -1], scale: 2 });
  });

  it("keeps the peak and the NaN of a block", () => {
    const at = (r: number, c: number) => (r === 3 && c === 3 ? Number.NaN : r === 1 && c === 6 ? -9 : 1);
    const map = heatMapOf({ rows: 8, columns: 8, rowStep: 1, columnStep: 1, at }, 2);
    assert.deepEqual([map.rows, map.columns, map.rowBlock, map.scale], [2, 2, 4, 9]);
    assert.deepEqual(map.cells, [Number.NaN, -9, 1, 1]);
  });
});
