/** The public surface of Gradlens: `import { tensor, nn, optim } from "gradlens"`. */
import "./ops/methods.ts";

export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from "./autograd/modes.ts";
export { Tensor } from "./autograd/tensor.ts";
export type { DType } from "./base/dtype.ts";
export {
  ArgumentError,
  AutogradError,
  DTypeError,
  GradlensError,
  IndexError,
  ShapeError,
} from "./base/errors.ts";
export { CheckpointError, checkpoint } from "./functional/checkpoint.ts";
export * as profiler from "./functional/profiler.ts";
export { GradcheckError, gradcheck, gradgradcheck } from "./gradcheck/gradcheck.ts";
export * as F from "./nn/functional.ts";
export * as nn from "./nn/namespace.ts";
export * from "./ops/activations.ts";
// Ops, one line per family.
export * from "./ops/addedProducts.ts";
export * from "./ops/aliases.ts";
export * from "./ops/arithmetic.ts";
export { indexPut } from "./ops/assignment.ts";
export * from "./ops/atleast.ts";
export { i0 } from "./ops/bessel.ts";
export * from "./ops/binaryMath.ts";
export { broadcastShapes } from "./ops/broadcastShapes.ts";
export * from "./ops/combinations.ts";
export * from "./ops/combinatorics.ts";
export * from "./ops/comparison.ts";
export { tensordot } from "./ops/contractions.ts";
export * from "./ops/conversion.ts";
export { binomial, poisson } from "./ops/counts.ts";
export * from "./ops/covariance.ts";
export * from "./ops/creation.ts";
export * from "./ops/decompositions.ts";
export * from "./ops/diagonals.ts";
export * from "./ops/differences.ts";
export { cdist, cosineSimilarity, pairwiseDistance, pdist } from "./ops/distances.ts";
export { einsum } from "./ops/einsum.ts";
export * from "./ops/extrema.ts";
export { fill } from "./ops/fill.ts";
export { gradient } from "./ops/finiteDifferences.ts";
export * from "./ops/floatParts.ts";
export * from "./ops/gathering.ts";
export { histogram, histogramdd } from "./ops/histograms.ts";
export * from "./ops/incompleteGamma.ts";
export * from "./ops/indexing.ts";
export type { IndexPart } from "./ops/indexParts.ts";
export * from "./ops/joining.ts";
export * as linalg from "./ops/linalg.ts";
export * from "./ops/logic.ts";
export { luUnpack } from "./ops/luFactors.ts";
export * from "./ops/matrices.ts";
export * from "./ops/matrixFunctions.ts";
export { emptyLike, fullLike } from "./ops/newTensors.ts";
export * from "./ops/norms.ts";
export * from "./ops/numberTheory.ts";
export { finfo, iinfo } from "./ops/numericLimits.ts";
export * from "./ops/order.ts";
export { diagonalScatter, msort, sliceScatter, splitWithSizes } from "./ops/overlays.ts";
export * from "./ops/permuting.ts";
export * from "./ops/pointwise.ts";
export { polygamma } from "./ops/polygamma.ts";
export * from "./ops/powers.ts";
export * from "./ops/predicates.ts";
export { canCast, promoteTypes, resultType } from "./ops/promotion.ts";
export * from "./ops/quantiles.ts";
export * from "./ops/random.ts";
export { rrelu, rrelu_ } from "./ops/randomSlopes.ts";
export * from "./ops/rearranging.ts";
export * from "./ops/reductions.ts";
export * from "./ops/rounding.ts";
export * from "./ops/runningExtrema.ts";
export { bernoulli, multinomial } from "./ops/sampling.ts";
export * from "./ops/scans.ts";
export * from "./ops/scattering.ts";
export * from "./ops/searching.ts";
export { segmentReduce } from "./ops/segments.ts";
export * from "./ops/selection.ts";
export { bartlettWindow, blackmanWindow, hammingWindow, hannWindow, kaiserWindow } from "./ops/signalWindows.ts";
export { Slice, slice } from "./ops/slice.ts";
export * from "./ops/slices.ts";
export * from "./ops/softmax.ts";
export * as special from "./ops/special.ts";
export * from "./ops/specialFunctions.ts";
export * from "./ops/splitting.ts";
export * from "./ops/statistics.ts";
export * from "./ops/striding.ts";
export * from "./ops/triangles.ts";
export * from "./ops/trigonometry.ts";
export * from "./ops/uniques.ts";
export { vander } from "./ops/vandermonde.ts";
export * from "./ops/views.ts";
export { where } from "./ops/where.ts";
export * from "./ops/windows.ts";
export * as autograd from "./surface/autograd.ts";
export * as func from "./surface/func.ts";
export * as optim from "./surface/optim.ts";
export { getNumThreads, setNumThreads } from "./surface/threads.ts";
export * as utils from "./surface/utils.ts";
