import path from "node:path";
import { backwardCalls } from "../../engine/recording/queries/backwardCalls.ts";
import { graphInParts } from "../../engine/recording/queries/graph.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { GraphChoice, GraphReply } from "../../webview/protocol/graph.ts";
import { inTurns } from "../results/inTurns.ts";
import type { RunResult } from "../results/runResult.ts";
import { runSummary } from "./runSummary.ts";

/** The choice that is no single backward call: what the query itself finds worth showing. */
const overview = -1;

/** More calls than this are not offered one by one: the first and the last, which tell most of a training. */
const longestList = 100;

/** What the panel draws of a result. */
export async function graphReply(
  result: RunResult,
  choice: number | null,
  relative: (file: string) => string,
): Promise<GraphReply> {
  const calls = backwardCalls(result.recording);
  const chosen = calls.find(({ index }) => index === choice);
  const graph =
    chosen === undefined ? result.graph : await inTurns(graphInParts(result.recording, { backward: chosen.index }));
  return {
    kind: "graph",
    graph,
    run: runSummary(result, relative),
    choices: choicesOf(result, calls.length < 2 ? [] : calls),
    choice: chosen?.index ?? overview,
  };
}

function choicesOf({ recording }: RunResult, calls: ReturnType<typeof backwardCalls>): GraphChoice[] {
  const all = { id: overview, label: path.basename(recording.meta.file) };
  const shown =
    calls.length <= longestList ? calls : [...calls.slice(0, longestList / 2), ...calls.slice(-longestList / 2)];
  return [all, ...shown.map((call) => ({ id: call.index, label: labelOf(call, calls.length) }))];
}

/** `backward 3 of 100, line 42, loss 0.3142` */
function labelOf({ index, place, loss }: ReturnType<typeof backwardCalls>[number], total: number): string {
  const parts = [`backward ${index + 1} of ${total}`];
  if (place !== null) parts.push(`line ${place.line}`);
  if (!Number.isNaN(loss)) parts.push(`loss ${formatNumber(loss)}`);
  return parts.join(", ");
}
