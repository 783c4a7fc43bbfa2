import { graphToDot } from "../../engine/recording/export/dot.ts";
import { graphToSvg } from "../../engine/recording/export/svg.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import type { Graph } from "../../engine/recording/queries/graphTypes.ts";
import type { GraphCommand, GraphFormat } from "./arguments.ts";
import { execute, withRunner } from "./execute.ts";
import { harmless, type Terminal } from "./terminal.ts";

const writers: Readonly<Record<GraphFormat, (graph: Graph) => string>> = {
  dot: graphToDot,
  svg: graphToSvg,
  json: (graph) => JSON.stringify(graph),
};

/** `gradlens graph FILE`: the graph of a run on standard output. What the program prints goes nowhere. */
export async function graphFile(command: GraphCommand, terminal: Terminal, home: string): Promise<number> {
  const { recording, failure } = await withRunner(home, (runner) =>
    execute(command.file, command, terminal, runner, "keep"),
  );
  terminal.print(writers[command.format](buildGraph(recording)).trimEnd());
  if (failure === null) return 0;
  terminal.complain(harmless(failure.text));
  return 1;
}
