import { dtypes } from "../base/dtype.ts";
import type { ColumnArray } from "./columns.ts";
import type { Recording } from "./recording.ts";

/**
 * Whether every reference of a recording points at a row that is there, so that no query has to look twice. Ids of
 * sites, names, owners and graph nodes are looked up in maps and may be unknown.
 */
export function refersToWhatIsThere(recording: Recording): boolean {
  const { tables } = recording;
  const { events, refs, tensors, values, scopes } = tables;
  const strings = recording.strings.length;
  const bounds: readonly Bound[] = [
    ...textColumns(recording).map(([table, column]) => ({ table, column, limit: strings })),
    ...tensorColumns(recording).map(([table, column]) => ({ table, column, limit: atLeastNone(tensors.rows) })),
    ...eventColumns(recording).map(([table, column]) => ({ table, column, limit: atLeastNone(events.rows) })),
    { table: events, column: events.column.scope, limit: atLeastNone(scopes.rows) },
    { table: tensors, column: tensors.column.shape, limit: recording.shapes.length },
    { table: tensors, column: tensors.column.dtype, limit: dtypes.length },
    { table: tables.stats, column: tables.stats.column.of, limit: 2 },
    { table: tables.portions, column: tables.portions.column.of, limit: 2 },
    { table: tables.portions, column: tables.portions.column.isDouble, limit: 2 },
    { table: tables.portions, column: tables.portions.column.steps, limit: recording.shapes.length },
    { table: tables.parameters, column: tables.parameters.column.inOptimizer, limit: 2 },
  ];
  return (
    bounds.every(isBounded) &&
    spans(events.rows, events.column.refs, [events.column.inputs, events.column.outputs], refs.rows) &&
    spans(tensors.rows, tensors.column.values, [tensors.column.valueCount], values.rows) &&
    spans(tables.births.rows, tables.births.column.values, [tables.births.column.valueCount], values.rows) &&
    spans(
      tables.histograms.rows,
      tables.histograms.column.values,
      [tables.histograms.column.valueCount],
      values.rows,
    ) &&
    hasSnapshots(recording) &&
    hasNoZero(tables.snapshots.rows, tables.snapshots.column.stride) &&
    spans(tables.stats.rows, tables.stats.column.sample, [tables.stats.column.sampleCount], values.rows) &&
    hasWholeValues(recording) &&
    hasWholeGrids(recording) &&
    hasParentsFirst(scopes.column.parent, scopes.rows)
  );
}

interface Bound {
  readonly table: { readonly rows: number };
  readonly column: ColumnArray;
  readonly limit: number;
}

/** Row 0 means none, and may be meant where there is no row at all. */
const atLeastNone = (rows: number): number => Math.max(1, rows);

type TableColumn = readonly [table: { readonly rows: number }, column: ColumnArray];

function tensorColumns({ tables }: Recording): readonly TableColumn[] {
  const { refs, bindings, parameters, births, updates, histograms, kept, portions, stats } = tables;
  const { snapshots, gradients, saved } = tables;
  const all = [
    refs,
    bindings,
    parameters,
    births,
    updates,
    histograms,
    kept,
    portions,
    stats,
    snapshots,
    gradients,
    saved,
  ];
  return [...all.map((table) => [table, table.column.tensor] as const), [gradients, gradients.column.gradient]];
}

function eventColumns({ tables }: Recording): readonly TableColumn[] {
  const { tensors, bindings, births, updates, activations, histograms, kept, portions, stats } = tables;
  const { snapshots, gradients, saved } = tables;
  const all = [
    tensors,
    bindings,
    births,
    updates,
    activations,
    histograms,
    kept,
    portions,
    stats,
    snapshots,
    gradients,
    saved,
  ];
  return all.map((table) => [table, table.column.event]);
}

function textColumns({ tables }: Recording): readonly TableColumn[] {
  const { events, tensors, scopes, modules, parameters, births, stats, saved } = tables;
  return [
    [events, events.column.name],
    [events, events.column.detail],
    [tensors, tensors.column.gradFn],
    [scopes, scopes.column.name],
    [scopes, scopes.column.type],
    [modules, modules.column.path],
    [modules, modules.column.type],
    [parameters, parameters.column.path],
    [births, births.column.cause],
    [stats, stats.column.gradFn],
    [saved, saved.column.name],
  ];
}

function isBounded({ table, column, limit }: Bound): boolean {
  for (let i = 0; i < table.rows; i++) if (column[i] >= limit) return false;
  return true;
}

function spans(rows: number, start: ColumnArray, counts: readonly ColumnArray[], limit: number): boolean {
  for (let i = 0; i < rows; i++) {
    let end = start[i];
    for (const count of counts) end += count[i];
    if (end > limit) return false;
  }
  return true;
}

/** The numbers of a snapshot lie in the table for its tensor's type. */
function hasSnapshots({ tables }: Recording): boolean {
  const { snapshots, tensors, singles, doubles } = tables;
  const { tensor, values, count } = snapshots.column;
  for (let i = 0; i < snapshots.rows; i++) {
    const isSingle = dtypes[tensors.column.dtype[tensor[i]]] === "float32";
    if (values[i] + count[i] > (isSingle ? singles : doubles).rows) return false;
  }
  return true;
}

function hasNoZero(rows: number, column: ColumnArray): boolean {
  for (let i = 0; i < rows; i++) if (column[i] === 0) return false;
  return true;
}

/** Of a tensor there are all values or none. */
function hasWholeValues({ tables, shapes }: Recording): boolean {
  const { rows, column } = tables.tensors;
  const elements = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  for (let i = 1; i < rows; i++) {
    const count = column.valueCount[i];
    if (count !== 0 && count !== elements[column.shape[i]]) return false;
  }
  return true;
}

/** What was kept of a tensor is a grid of its shape, and all of it is there. */
function hasWholeGrids({ tables, shapes }: Recording): boolean {
  const { portions, tensors } = tables;
  for (let i = 0; i < portions.rows; i++) {
    const shape = shapes[tensors.column.shape[portions.column.tensor[i]]];
    const steps = shapes[portions.column.steps[i]];
    if (steps.length !== shape.length || steps.some((step) => step < 1)) return false;
    const count = shape.reduce((product, size, d) => product * Math.ceil(size / steps[d]), 1);
    const numbers = portions.column.isDouble[i] === 1 ? tables.doubles : tables.singles;
    if (portions.column.count[i] !== count || portions.column.first[i] + count > numbers.rows) return false;
  }
  return true;
}

/** A scope was opened after the one around it, so whoever walks outwards arrives. */
function hasParentsFirst(parent: ColumnArray, rows: number): boolean {
  for (let i = 0; i < rows; i++) if (parent[i] >= Math.max(1, i)) return false;
  return true;
}
