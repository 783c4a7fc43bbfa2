/** `nn.*` of the public surface. */
export {
  GELU,
  GLU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  Sigmoid,
  SiLU,
  Softplus,
  Softshrink,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./activations.ts";
export { AdaptiveLogSoftmaxWithLoss } from "./adaptiveSoftmax.ts";
export { MultiheadAttention } from "./attention.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from "./batchNorm.ts";
export { Buffer } from "./buffer.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  CTCLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  NLLLoss,
} from "./classificationLosses.ts";
export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential, type TensorModule } from "./containers.ts";
export {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from "./convolution.ts";
export { CosineSimilarity, PairwiseDistance } from "./distance.ts";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from "./dropout.ts";
export { Embedding } from "./embedding.ts";
export { EmbeddingBag } from "./embeddingBag.ts";
export { FractionalMaxPool2d, FractionalMaxPool3d } from "./fractionalPooling.ts";
export * as functional from "./functional.ts";
export * as init from "./init.ts";
export { GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm } from "./layerNorm.ts";
export {
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
  LazyLinear,
} from "./lazyModules.ts";
export { Bilinear, Identity, Linear } from "./linear.ts";
export {
  CosineEmbeddingLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiLabelMarginLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./losses.ts";
export { Module } from "./module.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.ts";
export { Parameter } from "./parameter.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
} from "./pooling.ts";
export { LPPool1d, LPPool2d, LPPool3d } from "./powerPooling.ts";
export { CELU, ELU, Hardtanh, LeakyReLU, PReLU, ReLU, ReLU6, RReLU, SELU, Threshold } from "./rectifiers.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export { GRUCell, LSTMCell, RNNCell } from "./recurrentCells.ts";
export {
  ChannelShuffle,
  Fold,
  PixelShuffle,
  PixelUnshuffle,
  Unfold,
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
} from "./resampling.ts";
export { Flatten, Unflatten } from "./shape.ts";
export { LogSoftmax, Softmax, Softmax2d, Softmin } from "./softmax.ts";
export { Transformer, TransformerDecoder, TransformerEncoder } from "./transformer.ts";
export { TransformerDecoderLayer, TransformerEncoderLayer } from "./transformerLayers.ts";
export * as utils from "./utilities.ts";
