import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { opTable } from "../../engine/recording/queries/profile/opTable.ts";
import { opJson, profileJson } from "../../engine/recording/queries/profile/profileJson.ts";
import { type ProfileReport, profileReport } from "../../engine/recording/queries/profile/profileReport.ts";
import type { Timeline } from "../../engine/recording/queries/profile/timeline.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { chromeTraceParts } from "../../engine/recording/traces/chromeTrace.ts";
import { opTableCsv } from "../../engine/recording/traces/csv.ts";
import { type ImportedTrace, TraceError, TraceReader } from "../../engine/recording/traces/readTrace.ts";
import { speedscopeParts } from "../../engine/recording/traces/speedscope.ts";
import { type ProfileCommand, UsageError } from "./arguments.ts";
import { execute, expectFile, relativePath, withRunner, writeOutput } from "./execute.ts";
import { printProfile, printTrace } from "./printProfile.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** `gradlens profile FILE`: where the time and the memory of a run went, and as files for other programs. */
export async function profileFile(command: ProfileCommand, terminal: Terminal, home: string): Promise<number> {
  if (/\.json(\.gz)?$/i.test(command.file)) return profileTrace(command, terminal);
  const output = command.json ? "keep" : "pass on";
  // A recording to be kept shall have everything.
  const recorder = { costsOnly: command.save === null };
  const executed = await withRunner(home, (runner) =>
    execute(command.file, command, terminal, runner, output, recorder),
  );
  const { recording, failure, notes } = executed;
  const report = profileReport(recording);
  await writeFiles(command, report.timeline, report.ops, { recording, memory: report.memory });
  if (command.json) {
    const ok = failure === null;
    const file = relativePath(recording.meta.file);
    terminal.print(JSON.stringify({ schema: 1, file, ok, ...profileJson(report, relativePath), notes }));
  } else printProfile(command, executed, report, terminal);
  return failure === null ? 0 : 1;
}

/** A trace that another program wrote. */
async function profileTrace(command: ProfileCommand, terminal: Terminal): Promise<number> {
  await expectFile(command.file);
  const { timeline, problems } = await readTraceFile(command.file);
  const ops = opTable(timeline, null);
  await writeFiles(command, timeline, ops, { recording: null, memory: null });
  if (command.json) {
    const rows = ops.map((row) => opJson(row, relativePath));
    const totalMs = timeline.finish - timeline.begin;
    terminal.print(
      JSON.stringify({ schema: 1, file: relativePath(command.file), ok: true, totalMs, ops: rows, notes: problems }),
    );
  } else {
    for (const problem of problems) terminal.complain(harmless(problem));
    printTrace(timeline, ops, terminal);
  }
  return 0;
}

async function readTraceFile(file: string): Promise<ImportedTrace> {
  const reader = new TraceReader();
  const bytes = createReadStream(file);
  const unpacked = file.toLowerCase().endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  try {
    for await (const chunk of unpacked) if (!reader.push(chunk)) break;
    return reader.finish();
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(`${file}: ${error.message}`);
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

async function writeFiles(
  { trace, speedscope, csv, file }: ProfileCommand,
  timeline: Timeline,
  ops: ProfileReport["ops"],
  { recording, memory }: { readonly recording: Recording | null; readonly memory: ProfileReport["memory"] | null },
): Promise<void> {
  const relative = relativePath;
  if (trace !== null) await writeOutput(trace, chromeTraceParts(timeline, { recording, memory, relative }));
  if (speedscope !== null)
    await writeOutput(speedscope, speedscopeParts(timeline, { recording, relative, name: relativePath(file) }));
  if (csv !== null) await writeOutput(csv, opTableCsv(ops, relative));
}
