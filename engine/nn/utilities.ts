/** `nn.utils.*` of the public surface. */
export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from "./clipping.ts";
export { deepcopy } from "./copyModule.ts";
export { fuseConvBnEval, fuseConvBnWeights, fuseLinearBnEval, fuseLinearBnWeights } from "./fusion.ts";
export { parametersToVector, vectorToParameters } from "./parameterVectors.ts";
export * as parametrizations from "./parametrizations.ts";
export * as parametrize from "./parametrize.ts";
export * as rnn from "./rnnUtilities.ts";
export * as stateless from "./stateless.ts";
export { removeWeightNorm, weightNorm } from "./weightNorm.ts";
