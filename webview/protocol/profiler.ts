import type { ComparedSite, Comparison, Divergence } from "../../engine/recording/queries/profile/compare.ts";
import type { CheckpointSaving, KeptLine } from "../../engine/recording/queries/profile/kept.ts";
import type { LineCost, LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { ModuleNode } from "../../engine/recording/queries/profile/moduleTree.ts";
import type { OpGrouping } from "../../engine/recording/queries/profile/opTable.ts";
import { contract } from "./contract.ts";
import {
  argumentsOf,
  arrayOf,
  either,
  type Guard,
  isAnything,
  isBoolean,
  isColumnOf,
  isNumber,
  isOneOf,
  isString,
  isStringUpTo,
  isWhole,
  nullable,
  shapeOf,
} from "./guards.ts";
import { isRunSummary, type RunSummary } from "./run.ts";
import { isPackedTimeline, isPlace, type PackedTimeline, type SourcePlace } from "./timeline.ts";

/** What the profiler panel may ask of the extension. All but the first fail when what they ask about is not there any more. */
export interface ProfilerRequests {
  /** What there is to be looked at, or why there is nothing. Called at the start and after every `profileChanged`. */
  loadProfile(): Promise<ProfileReply>;
  loadTimeline(): Promise<PackedTimeline>;
  /** Equal calls merged, the heaviest first. */
  loadMerged(): Promise<PackedTimeline>;
  /** Who called a name, and what it called. */
  loadSandwich(name: string): Promise<SandwichReply>;
  loadOps(grouping: OpGrouping): Promise<PackedOps>;
  loadModules(): Promise<readonly ModuleNode[]>;
  loadLines(): Promise<LineCosts>;
  loadMemory(): Promise<MemoryReply>;
  /** What changed since another run, one of the reply's `others`. */
  loadComparison(other: number): Promise<ComparisonReply>;
  /** Lets the user choose a saved recording to compare with; null when none was chosen. */
  chooseOther(): Promise<OtherRun | null>;
  /** Lets the user choose where a file of the profile goes; gives its name, or null when none was chosen. */
  exportProfile(format: ProfileFormat): Promise<string | null>;
  /** Shows a place in the editor, without taking the keyboard from the panel. */
  revealSource(place: SourcePlace): Promise<void>;
  /** Shows a line in the graph panel. */
  showInGraph(place: SourcePlace): Promise<void>;
  /** The one button of an empty panel: profiles the model file the reply named. */
  profileModel(): Promise<void>;
  /** Lets the user choose a trace to look at. */
  openTrace(): Promise<void>;
  /** Goes back from a trace to the run on screen. */
  closeTrace(): Promise<void>;
}

/** What the extension tells the profiler panel. */
export interface ProfilerEvents {
  /** There is a newer recording, or another trace: the panel loads again. */
  profileChanged(): void;
  /** The editor's cursor is in this line: what ran there stands out. */
  cursorMoved(file: string, line: number): void;
  /** The user asked to see what a line cost. */
  showLine(file: string, line: number): void;
}

export type ProfileReply = ProfileShown | ProfileMissing;

export interface ProfileShown {
  readonly kind: "profile";
  readonly source: "run" | "trace";
  readonly run: RunSummary;
  /** What is not as it should be, such as a trace that broke off; null when all is well. */
  readonly warning: string | null;
  /** Runs that this one can be compared with: those of the model that began before it and saved recordings, the latest last. */
  readonly others: readonly OtherRun[];
}

/** A run to compare with. */
export interface OtherRun {
  readonly id: number;
  readonly label: string;
}

/** What a profile can be saved as: a trace for Perfetto, a profile for speedscope, the table of ops, a page for people. */
export type ProfileFormat = "trace" | "speedscope" | "csv" | "report";

export interface ProfileMissing {
  readonly kind: "empty";
  /** One sentence: why there is nothing to see. */
  readonly reason: string;
  /** What the button says that fills the panel; null when nothing can be run. */
  readonly action: string | null;
  /** Whether a button leads back from a trace to the run. */
  readonly isTrace: boolean;
}

export interface SandwichReply {
  readonly callers: PackedTimeline;
  readonly callees: PackedTimeline;
}

/** The table of ops as columns: an op is a row in each. Texts are indices, -1 for none. */
export interface PackedOps {
  readonly count: number;
  readonly texts: readonly string[];
  readonly places: readonly SourcePlace[];
  readonly name: Int32Array;
  readonly kind: Uint8Array;
  readonly shapes: Int32Array;
  readonly place: Int32Array;
  readonly module: Int32Array;
  readonly calls: Float64Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly flops: Float64Array;
  readonly bytes: Float64Array;
  readonly moved: Float64Array;
  readonly share: Float64Array;
  readonly span: Int32Array;
}

/** A tensor in memory, as a table shows it. */
export interface TensorRow {
  readonly label: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Whose it is, or the op that keeps it. */
  readonly owner: string;
  readonly place: SourcePlace | null;
}

export interface MemoryReply {
  /** Milliseconds of each point of the curves. */
  readonly time: Float64Array;
  readonly total: Float64Array;
  readonly owners: readonly { readonly name: string; readonly bytes: Float64Array }[];
  readonly peak: {
    readonly time: number;
    readonly bytes: number;
    /** In the order of `owners`. */
    readonly byOwner: readonly number[];
    readonly tensors: readonly TensorRow[];
    readonly others: { readonly count: number; readonly bytes: number };
  };
  readonly kept: {
    readonly time: number;
    readonly bytes: number;
    readonly count: number;
    readonly tensors: readonly TensorRow[];
    readonly lines: readonly KeptLine[];
    readonly checkpoints: readonly CheckpointSaving[];
  };
}

export interface ComparisonReply {
  readonly label: string;
  readonly comparison: Comparison;
}

const isOps = shapeOf<PackedOps>({
  count: isWhole(),
  texts: arrayOf(isString),
  places: arrayOf(isPlace),
  name: isColumnOf(Int32Array),
  kind: isColumnOf(Uint8Array),
  shapes: isColumnOf(Int32Array),
  place: isColumnOf(Int32Array),
  module: isColumnOf(Int32Array),
  calls: isColumnOf(Float64Array),
  self: isColumnOf(Float64Array),
  total: isColumnOf(Float64Array),
  flops: isColumnOf(Float64Array),
  bytes: isColumnOf(Float64Array),
  moved: isColumnOf(Float64Array),
  share: isColumnOf(Float64Array),
  span: isColumnOf(Int32Array),
});

const isModule = shapeOf<ModuleNode>({
  id: isWhole(),
  parent: isNumber,
  name: isString,
  type: isString,
  calls: isNumber,
  forward: isNumber,
  forwardSelf: isNumber,
  backward: isNumber,
  backwardSelf: isNumber,
  flops: isNumber,
  backwardFlops: isNumber,
  bytes: isNumber,
  span: isNumber,
});

/** Parents stand before their children: the tree is walked without looking for cycles. */
const isModuleTree: Guard<readonly ModuleNode[]> = (value): value is readonly ModuleNode[] =>
  arrayOf(isModule)(value) && value.every(({ id, parent }, i) => id === i && parent < i);

const isLines = shapeOf<LineCosts>({
  lines: arrayOf(
    shapeOf<LineCost>({
      file: isString,
      line: isWhole(),
      forward: isNumber,
      backward: isNumber,
      saved: isNumber,
      calls: isNumber,
    }),
  ),
  total: isNumber,
  unaccounted: isNumber,
  placeless: isNumber,
});

const isTensorRow = shapeOf<TensorRow>({
  label: isString,
  shape: arrayOf(isNumber),
  bytes: isNumber,
  owner: isString,
  place: nullable(isPlace),
});

const isMemory = shapeOf<MemoryReply>({
  time: isColumnOf(Float64Array),
  total: isColumnOf(Float64Array),
  owners: arrayOf(shapeOf<MemoryReply["owners"][number]>({ name: isString, bytes: isColumnOf(Float64Array) })),
  peak: shapeOf<MemoryReply["peak"]>({
    time: isNumber,
    bytes: isNumber,
    byOwner: arrayOf(isNumber),
    tensors: arrayOf(isTensorRow),
    others: shapeOf<MemoryReply["peak"]["others"]>({ count: isNumber, bytes: isNumber }),
  }),
  kept: shapeOf<MemoryReply["kept"]>({
    time: isNumber,
    bytes: isNumber,
    count: isNumber,
    tensors: arrayOf(isTensorRow),
    lines: arrayOf(shapeOf<KeptLine>({ place: isPlace, bytes: isNumber, count: isNumber })),
    checkpoints: arrayOf(
      shapeOf<CheckpointSaving>({ name: isString, type: isString, saves: isNumber, costs: isNumber, calls: isNumber }),
    ),
  }),
});

type SideCost = NonNullable<ComparedSite["first"]>;

const isSide = shapeOf<SideCost>({ place: isPlace, forward: isNumber, backward: isNumber, calls: isNumber });

const isNumberList: Guard<readonly number[]> = arrayOf(isNumber);

const isDivergence = shapeOf<Divergence>({
  op: isString,
  phase: isOneOf("forward", "backward"),
  first: isNumber,
  second: isNumber,
  firstPlace: nullable(isPlace),
  secondPlace: nullable(isPlace),
  firstValue: isNumber,
  secondValue: isNumber,
  shapes: nullable(
    (value): value is [readonly number[], readonly number[]] => arrayOf(isNumberList)(value) && value.length === 2,
  ),
  step: isNumber,
});

const isComparison = shapeOf<ComparisonReply>({
  label: isString,
  comparison: shapeOf<Comparison>({
    sites: arrayOf(
      shapeOf<ComparedSite>({
        ops: arrayOf(isString),
        change: isOneOf("slower", "faster", "same", "new", "gone"),
        first: nullable(isSide),
        second: nullable(isSide),
        difference: isNumber,
      }),
    ),
    firstTotal: isNumber,
    secondTotal: isNumber,
    divergence: nullable(isDivergence),
  }),
});

const isOther = shapeOf<OtherRun>({ id: isWhole(), label: isString });

const isShown = shapeOf<ProfileShown>({
  kind: isOneOf("profile"),
  source: isOneOf("run", "trace"),
  run: isRunSummary,
  warning: nullable(isString),
  others: arrayOf(isOther),
});

const isMissing = shapeOf<ProfileMissing>({
  kind: isOneOf("empty"),
  reason: isString,
  action: nullable(isString),
  isTrace: isBoolean,
});

/** A name longer than this is not looked for. */
const longestName = 4 * 1024 * 1024;

const isGrouping: Guard<OpGrouping> = shapeOf<Required<OpGrouping>>({
  byShape: isBoolean,
  bySite: isBoolean,
  byModule: isBoolean,
});

/** The conversation of the profiler panel. */
export const profilerPanel = contract<ProfilerRequests, ProfilerEvents>("profiler", {
  requests: {
    loadProfile: { args: argumentsOf(), answer: either(isShown, isMissing) },
    loadTimeline: { args: argumentsOf(), answer: isPackedTimeline },
    loadMerged: { args: argumentsOf(), answer: isPackedTimeline },
    loadSandwich: {
      args: argumentsOf(isStringUpTo(longestName)),
      answer: shapeOf<SandwichReply>({ callers: isPackedTimeline, callees: isPackedTimeline }),
    },
    loadOps: { args: argumentsOf(isGrouping), answer: isOps },
    loadModules: { args: argumentsOf(), answer: isModuleTree },
    loadLines: { args: argumentsOf(), answer: isLines },
    loadMemory: { args: argumentsOf(), answer: isMemory },
    loadComparison: { args: argumentsOf(isWhole()), answer: isComparison },
    chooseOther: { args: argumentsOf(), answer: nullable(isOther) },
    exportProfile: { args: argumentsOf(isOneOf("trace", "speedscope", "csv", "report")), answer: nullable(isString) },
    revealSource: { args: argumentsOf(isPlace), answer: isAnything },
    showInGraph: { args: argumentsOf(isPlace), answer: isAnything },
    profileModel: { args: argumentsOf(), answer: isAnything },
    openTrace: { args: argumentsOf(), answer: isAnything },
    closeTrace: { args: argumentsOf(), answer: isAnything },
  },
  events: {
    profileChanged: argumentsOf(),
    cursorMoved: argumentsOf(isString, isWhole()),
    showLine: argumentsOf(isString, isWhole()),
  },
});
