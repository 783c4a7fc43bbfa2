/** `nn.utils.rnn.*` of the public surface: sequences of different lengths. */
export {
  invertPermutation,
  PackedSequence,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
} from "./packedSequences.ts";
