import { inPlace } from "../autograd/inplace.ts";
import { Tensor } from "../autograd/tensor.ts";
import { suggestMethods } from "../autograd/unknownMethods.ts";
import { ArgumentError } from "../base/errors.ts";
import * as activations from "./activations.ts";
import * as addedProducts from "./addedProducts.ts";
import * as aliases from "./aliases.ts";
import * as arithmetic from "./arithmetic.ts";
import * as assignment from "./assignment.ts";
import * as atleast from "./atleast.ts";
import * as bessel from "./besselMethods.ts";
import * as binaryMath from "./binaryMath.ts";
import * as combinations from "./combinations.ts";
import * as comparison from "./comparison.ts";
import * as conversion from "./conversion.ts";
import { overwritten } from "./copying.ts";
import * as covariance from "./covariance.ts";
import * as decompositions from "./decompositions.ts";
import * as diagonals from "./diagonals.ts";
import * as differences from "./differences.ts";
import type { ExtremumMethods } from "./extrema.ts";
import * as extrema from "./extrema.ts";
import * as filling from "./filling.ts";
import * as floatParts from "./floatParts.ts";
import * as gathering from "./gathering.ts";
import * as histograms from "./histogramMethods.ts";
import * as incompleteGamma from "./incompleteGamma.ts";
import * as indexing from "./indexing.ts";
import * as inPlaceViews from "./inPlaceViews.ts";
import * as logic from "./logic.ts";
import * as matrices from "./matrices.ts";
import * as matrixFunctions from "./matrixFunctions.ts";
import * as methodForms from "./methodForms.ts";
import * as newTensors from "./newTensors.ts";
import * as norms from "./norms.ts";
import * as numberTheory from "./numberTheory.ts";
import type { MedianMethods } from "./order.ts";
import * as order from "./order.ts";
import * as overlays from "./overlays.ts";
import * as permuting from "./permuting.ts";
import * as pointwise from "./pointwise.ts";
import * as powers from "./powers.ts";
import * as predicates from "./predicates.ts";
import * as quantiles from "./quantiles.ts";
import * as rearranging from "./rearranging.ts";
import * as reductions from "./reductions.ts";
import * as rounding from "./rounding.ts";
import * as runningExtrema from "./runningExtrema.ts";
import * as sampling from "./sampling.ts";
import * as scans from "./scans.ts";
import * as scattering from "./scattering.ts";
import type { SearchMethods } from "./searching.ts";
import * as searching from "./searching.ts";
import * as selection from "./selection.ts";
import * as slices from "./slices.ts";
import * as softmax from "./softmax.ts";
import * as specialFunctions from "./specialFunctions.ts";
import * as splitting from "./splitting.ts";
import * as statistics from "./statistics.ts";
import * as striding from "./striding.ts";
import { installTransposes, type Transposes } from "./transposes.ts";
import * as triangles from "./triangles.ts";
import * as trigonometry from "./trigonometry.ts";
import type { UniqueMethods } from "./uniques.ts";
import * as uniques from "./uniques.ts";
import * as views from "./views.ts";
import * as windows from "./windows.ts";

/** The functions of a family as methods: the first argument becomes `this`. */
type MethodsOf<Family> = {
  [K in keyof Family]: Family[K] extends (self: Tensor, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** The functions of a family as in-place methods, named with a trailing underscore. */
type InPlaceMethodsOf<Family> = {
  [K in keyof Family as `${K & string}_`]: Family[K] extends (self: Tensor, ...rest: infer Rest) => Tensor
    ? (...rest: Rest) => Tensor
    : never;
};

/** Every op that is a method of Tensor. A family's exports are all ops, and all become methods. */
export interface Methods
  extends MethodsOf<typeof addedProducts>,
    MethodsOf<typeof activations>,
    MethodsOf<typeof aliases>,
    MethodsOf<typeof newTensors>,
    MethodsOf<typeof bessel>,
    InPlaceMethodsOf<typeof bessel>,
    MethodsOf<typeof binaryMath>,
    MethodsOf<typeof combinations>,
    MethodsOf<typeof comparison>,
    MethodsOf<typeof logic>,
    MethodsOf<typeof methodForms>,
    MethodsOf<typeof powers>,
    MethodsOf<typeof predicates>,
    MethodsOf<typeof rounding>,
    MethodsOf<typeof selection>,
    MethodsOf<typeof specialFunctions>,
    MethodsOf<typeof trigonometry>,
    MethodsOf<typeof arithmetic>,
    MethodsOf<typeof matrixFunctions>,
    MethodsOf<typeof covariance>,
    MethodsOf<typeof decompositions>,
    MethodsOf<typeof overlays>,
    MethodsOf<typeof conversion>,
    MethodsOf<typeof filling>,
    MethodsOf<typeof assignment>,
    MethodsOf<typeof atleast>,
    MethodsOf<typeof diagonals>,
    MethodsOf<typeof differences>,
    MethodsOf<typeof floatParts>,
    MethodsOf<typeof gathering>,
    MethodsOf<typeof histograms>,
    MethodsOf<typeof incompleteGamma>,
    MethodsOf<typeof indexing>,
    MethodsOf<typeof inPlaceViews>,
    MethodsOf<typeof norms>,
    MethodsOf<typeof numberTheory>,
    MethodsOf<typeof permuting>,
    MethodsOf<typeof quantiles>,
    MethodsOf<typeof rearranging>,
    MethodsOf<typeof runningExtrema>,
    MethodsOf<typeof scans>,
    MethodsOf<typeof scattering>,
    MethodsOf<typeof slices>,
    MethodsOf<typeof softmax>,
    MethodsOf<typeof splitting>,
    MethodsOf<typeof statistics>,
    MethodsOf<typeof striding>,
    MethodsOf<typeof triangles>,
    MethodsOf<typeof windows>,
    Omit<MethodsOf<typeof extrema>, keyof ExtremumMethods>,
    ExtremumMethods,
    Omit<MethodsOf<typeof order>, keyof MedianMethods>,
    MedianMethods,
    Omit<MethodsOf<typeof searching>, keyof SearchMethods>,
    SearchMethods,
    Omit<MethodsOf<typeof uniques>, keyof UniqueMethods>,
    UniqueMethods,
    Transposes,
    InPlaceMethodsOf<typeof scans>,
    InPlaceMethodsOf<typeof incompleteGamma>,
    InPlaceMethodsOf<typeof numberTheory>,
    InPlaceMethodsOf<typeof scattering>,
    InPlaceMethodsOf<typeof slices>,
    InPlaceMethodsOf<typeof triangles>,
    MethodsOf<typeof matrices>,
    MethodsOf<typeof pointwise>,
    MethodsOf<typeof reductions>,
    MethodsOf<typeof sampling>,
    MethodsOf<typeof views>,
    InPlaceMethodsOf<typeof addedProducts>,
    InPlaceMethodsOf<typeof arithmetic>,
    InPlaceMethodsOf<typeof activations>,
    InPlaceMethodsOf<typeof aliases>,
    InPlaceMethodsOf<typeof binaryMath>,
    InPlaceMethodsOf<typeof combinations>,
    InPlaceMethodsOf<typeof comparison>,
    InPlaceMethodsOf<typeof logic>,
    InPlaceMethodsOf<typeof powers>,
    InPlaceMethodsOf<typeof rounding>,
    InPlaceMethodsOf<typeof selection>,
    InPlaceMethodsOf<typeof specialFunctions>,
    InPlaceMethodsOf<typeof trigonometry>,
    InPlaceMethodsOf<typeof pointwise> {}

type Functions = Readonly<Record<string, (self: Tensor, ...rest: never[]) => unknown>>;

/** Families whose functions become methods. */
const families = {
  assignment,
  atleast,
  diagonals,
  differences,
  extrema,
  floatParts,
  gathering,
  histograms,
  incompleteGamma,
  indexing,
  inPlaceViews,
  norms,
  numberTheory,
  order,
  permuting,
  quantiles,
  rearranging,
  runningExtrema,
  scans,
  scattering,
  searching,
  slices,
  softmax,
  splitting,
  statistics,
  striding,
  triangles,
  uniques,
  windows,
  activations,
  aliases,
  bessel,
  binaryMath,
  combinations,
  comparison,
  logic,
  methodForms,
  newTensors,
  powers,
  predicates,
  rounding,
  selection,
  specialFunctions,
  trigonometry,
  matrixFunctions,
  covariance,
  decompositions,
  overlays,
  addedProducts,
  arithmetic,
  conversion,
  filling,
  matrices,
  pointwise,
  reductions,
  sampling,
  views,
};

/** Families whose methods also come in place. */
const inPlaceFamilies = {
  incompleteGamma,
  numberTheory,
  scans,
  scattering,
  slices,
  triangles,
  activations,
  aliases,
  bessel,
  binaryMath,
  combinations,
  comparison,
  logic,
  powers,
  rounding,
  selection,
  specialFunctions,
  trigonometry,
  addedProducts,
  arithmetic,
  pointwise,
};

// First, because V8 looks methods up faster on a prototype whose own prototype stays as it was.
suggestMethods();
for (const family of Object.values(families)) install(family as unknown as Functions, (_name, fn) => fn);
for (const family of Object.values(inPlaceFamilies)) {
  install(
    family as unknown as Functions,
    (name, fn) =>
      (self, ...rest) =>
        inPlace(name, self, () => overwritten(self, fn(self, ...rest) as Tensor)),
    "_",
  );
}

installTransposes();

function install(
  family: Functions,
  adapt: (name: string, fn: Functions[string]) => Functions[string],
  suffix = "",
): void {
  const strict = family === (pointwise as unknown) || family === (trigonometry as unknown);
  for (const [name, fn] of Object.entries(family)) {
    const method = adapt(name + suffix, fn) as (self: Tensor, ...rest: unknown[]) => unknown;
    Object.defineProperty(Tensor.prototype, name + suffix, {
      configurable: true,
      writable: true,
      value: function (this: Tensor, ...rest: unknown[]) {
        if (strict && rest.length >= fn.length) throw surplus(name + suffix, fn.length - 1, rest.length);
        return method(this, ...rest);
      },
    });
  }
}

function surplus(name: string, takes: number, got: number): ArgumentError {
  const arguments_ = takes === 1 ? "1 argument" : `${takes} arguments`;
  return new ArgumentError(name, `takes ${takes === 0 ? "no arguments" : arguments_}, but got ${got}`);
}
