import { htmlReport } from "../../engine/recording/export/htmlReport.ts";
import { findAlerts } from "../../engine/recording/queries/alerts.ts";
import type { ReportCommand } from "./arguments.ts";
import { execute, relativePath, withRunner, writeOutput } from "./execute.ts";
import { sourceText } from "./sourceText.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** `gradlens report FILE`: everything about a run as one HTML page that needs no network. */
export async function reportFile(command: ReportCommand, terminal: Terminal, home: string): Promise<number> {
  const { recording, failure, notes } = await withRunner(home, (runner) =>
    execute(command.file, command, terminal, runner, "keep"),
  );
  const alerts = findAlerts(recording, { sources: sourceText });
  const html = htmlReport(recording, { alerts, notes, failure: failure?.text ?? null, relative: relativePath });
  const { output } = command;
  if (output !== null) await writeOutput(output, html);
  if (command.json)
    terminal.print(JSON.stringify({ schema: 1, ok: failure === null, ...(output ? { output } : { html }) }));
  else terminal.print(output === null ? html.trimEnd() : `${output} is written. Open it in any browser.`);
  if (failure === null) return 0;
  terminal.complain(harmless(failure.text));
  return 1;
}
