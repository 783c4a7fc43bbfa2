/** Functions of neural networks, as `F`: what the modules of `nn` are built of. Each lives with its kind in `engine/ops`. */

export {
  celu,
  elu,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logsigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "../ops/activations.ts";
export { scaledDotProductAttention } from "../ops/attention.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
} from "../ops/averagePooling.ts";
export { crossEntropy, nllLoss } from "../ops/classificationLosses.ts";
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "../ops/convolution.ts";
export { ctcLoss } from "../ops/ctcLoss.ts";
export { cosineSimilarity, pairwiseDistance, pdist } from "../ops/distances.ts";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "../ops/dropout.ts";
export { embedding, oneHot } from "../ops/embedding.ts";
export { embeddingBag } from "../ops/embeddingBags.ts";
export { fold, unfold } from "../ops/folding.ts";
export { type FractionalPoolOptions, fractionalMaxPool2d, fractionalMaxPool3d } from "../ops/fractionalPooling.ts";
export { affineGrid, gridSample } from "../ops/gridSampling.ts";
export { gumbelSoftmax } from "../ops/gumbelSoftmax.ts";
export { interpolate, upsample } from "../ops/interpolation.ts";
export { gaussianNllLoss, klDiv, poissonNllLoss } from "../ops/likelihoodLosses.ts";
export { bilinear, linear } from "../ops/linear.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  softMarginLoss,
} from "../ops/losses.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../ops/marginLosses.ts";
export type { UnpoolOptions } from "../ops/maxPooling.ts";
export {
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
} from "../ops/maxPooling.ts";
export {
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  normalize,
  rmsNorm,
} from "../ops/normalization.ts";
export { pad } from "../ops/padding.ts";
export { sigmoid, tanh } from "../ops/pointwise.ts";
export { lpPool1d, lpPool2d, lpPool3d } from "../ops/powerPooling.ts";
export { rrelu, rrelu_ } from "../ops/randomSlopes.ts";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "../ops/shuffles.ts";
export { logSoftmax, softmax, softmin } from "../ops/softmax.ts";
export { celu_, elu_, hardtanh_, leakyRelu_, relu_, selu_, threshold_ } from "./inPlaceActivations.ts";
