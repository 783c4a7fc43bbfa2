import { graphToDot } from "../../engine/recording/export/dot.ts";
import { graphToSvg } from "../../engine/recording/export/svg.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import { describeEnding } from "../runner/outcome.ts";
import type { Command } from "./arguments.ts";
import { execute } from "./execute.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** `gradlens graph FILE`: the graph of a run on standard output. What the program prints goes nowhere. */
export async function graphFile(command: Extract<Command, { name: "graph" }>, terminal: Terminal): Promise<number> {
  const { recording, outcome } = await execute(command.file, command, terminal, "keep");
  const graph = buildGraph(recording);
  const format = command.json ? "json" : command.format;
  terminal.print(format === "json" ? JSON.stringify(graph) : format === "svg" ? graphToSvg(graph) : graphToDot(graph));
  if (outcome.kind === "ok") return 0;
  terminal.complain(harmless(describeEnding(outcome)));
  return 1;
}
