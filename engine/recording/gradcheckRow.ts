import type { GradcheckReport, JacobianPair } from "../autograd/observer.ts";
import type { GradcheckPairRow, GradcheckRow } from "./schema.ts";

/** Larger Jacobians are recorded as a window of this size, around the worst entry. */
const windowSize = 64;
const mostPairs = 12;

/** A report as it is recorded; `budget` is how many numbers there is still room for. */
export function gradcheckRow(report: GradcheckReport, event: number, budget: number): GradcheckRow {
  const { pairs, ...verdict } = report;
  const { worst } = verdict;
  const isWorst = (pair: JacobianPair): boolean => pair.output === worst?.output && pair.input === worst.input;
  const ordered = [...pairs.filter(isWorst), ...pairs.filter((pair) => !isWorst(pair))];
  const windows: GradcheckPairRow[] = [];
  let left = budget;
  for (const pair of ordered.slice(0, mostPairs)) {
    const part = windowOf(pair, isWorst(pair) ? worst : null);
    left -= numbersIn(part);
    if (left < 0) break;
    windows.push(part);
  }
  return { ...verdict, event, pairs: windows };
}

/** How many numbers a window takes. */
export function numbersIn({ analytical, slopes }: GradcheckPairRow): number {
  return analytical.length * (slopes === null ? 2 : 4 + slopes.steps.length);
}

function windowOf(pair: JacobianPair, at: { readonly row: number; readonly col: number } | null): GradcheckPairRow {
  const { rows, cols, slopes, output, input, inputShape, outputShape } = pair;
  const [firstRow, shownRows] = span(rows, at?.row ?? 0);
  const [firstCol, shownCols] = span(cols, at?.col ?? 0);
  const cut = (values: Float64Array): number[] =>
    Array.from({ length: shownRows * shownCols }, (_, k) => {
      const row = firstRow + Math.floor(k / shownCols);
      return values[row * cols + firstCol + (k % shownCols)];
    });
  return {
    output,
    input,
    inputShape,
    outputShape,
    rows,
    cols,
    firstRow,
    firstCol,
    shownRows,
    shownCols,
    analytical: cut(pair.analytical),
    numerical: cut(pair.numerical),
    slopes:
      slopes === null
        ? null
        : {
            steps: slopes.steps,
            central: slopes.central.map(cut),
            above: cut(slopes.above),
            below: cut(slopes.below),
          },
  };
}

/** Where a window of a dimension begins, and how many it shows. */
function span(size: number, at: number): [first: number, shown: number] {
  const shown = Math.min(size, windowSize);
  return [Math.max(0, Math.min(size - shown, at - shown / 2)), shown];
}
