import assert from "node:assert/strict";
import { arange, manualSeed, nn, randn, Tensor } from "../../../engine/index.ts";

/** A layer, what goes in, and what PyTorch 1.13 says of it. */
interface Case {
  readonly make: () => nn.Module;
  /** Shapes of the arguments, which are drawn by randn after manualSeed(11); the layer is made after manualSeed(7). */
  readonly inputs: readonly (readonly number[])[];
  /** Shapes of the results. */
  readonly outputs: readonly (readonly number[])[];
  /** Sum of all results, element k of n counting k / n. */
  readonly loss: number;
  /** Sums of the sizes of the gradients. */
  readonly inputGrads: readonly number[];
  readonly parameterGrads: readonly number[];
}

const cases: readonly Case[] = [
  {
    make: () => new nn.Linear(3, 2),
    inputs: [[4, 3]],
    outputs: [[4, 2]],
    loss: -1.804418,
    inputGrads: [2.151943],
    parameterGrads: [6.546073, 4.5],
  },
  {
    make: () => new nn.Linear(3, 2, { bias: false }),
    inputs: [[2, 4, 3]],
    outputs: [[2, 4, 2]],
    loss: -1.992944,
    inputGrads: [4.102281],
    parameterGrads: [9.004598],
  },
  {
    make: () => new nn.Bilinear(2, 3, 4),
    inputs: [
      [5, 2],
      [5, 3],
    ],
    outputs: [[5, 4]],
    loss: 4.192062,
    inputGrads: [6.961175, 3.185478],
    parameterGrads: [17.93123, 10.5],
  },
  {
    make: () => new nn.Conv1d(2, 3, 3, { padding: 1 }),
    inputs: [[2, 2, 6]],
    outputs: [[2, 3, 6]],
    loss: 1.847465,
    inputGrads: [6.476459],
    parameterGrads: [23.28996, 18.5],
  },
  {
    make: () => new nn.Conv2d(2, 4, 3, { stride: 2, padding: 1, groups: 2 }),
    inputs: [[2, 2, 5, 5]],
    outputs: [[2, 4, 3, 3]],
    loss: -2.727799,
    inputGrads: [18.00497],
    parameterGrads: [41.27927, 36.5],
  },
  {
    make: () => new nn.Conv2d(1, 2, [3, 2], { padding: "same", paddingMode: "reflect" }),
    inputs: [[1, 1, 5, 5]],
    outputs: [[1, 2, 5, 5]],
    loss: -4.039325,
    inputGrads: [6.611321],
    parameterGrads: [15.20831, 25.5],
  },
  {
    make: () => new nn.Conv2d(1, 2, 3, { padding: [1, 2], paddingMode: "circular" }),
    inputs: [[1, 1, 4, 5]],
    outputs: [[1, 2, 4, 7]],
    loss: -6.351819,
    inputGrads: [5.146167],
    parameterGrads: [57.19674, 28.5],
  },
  {
    make: () => new nn.Conv3d(1, 2, 2),
    inputs: [[1, 1, 3, 3, 3]],
    outputs: [[1, 2, 2, 2, 2]],
    loss: -3.332976,
    inputGrads: [4.571854],
    parameterGrads: [20.162, 8.5],
  },
  {
    make: () => new nn.ConvTranspose1d(2, 3, 3, { stride: 2 }),
    inputs: [[1, 2, 4]],
    outputs: [[1, 3, 9]],
    loss: 1.222569,
    inputGrads: [2.214719],
    parameterGrads: [2.372829, 14],
  },
  {
    make: () => new nn.ConvTranspose2d(2, 3, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    inputs: [[1, 2, 3, 3]],
    outputs: [[1, 3, 6, 6]],
    loss: -3.485613,
    inputGrads: [3.336432],
    parameterGrads: [51.18232, 54.5],
  },
  {
    make: () => new nn.ConvTranspose3d(1, 2, 2, { bias: false }),
    inputs: [[1, 1, 2, 2, 2]],
    outputs: [[1, 2, 3, 3, 3]],
    loss: -0.05634752,
    inputGrads: [1.191043],
    parameterGrads: [3.125448],
  },
  {
    make: () => new nn.BatchNorm1d(3),
    inputs: [[5, 3]],
    outputs: [[5, 3]],
    loss: -0.2849853,
    inputGrads: [5.276999],
    parameterGrads: [1.968292, 8],
  },
  {
    make: () => new nn.BatchNorm2d(2, { momentum: 0.3 }),
    inputs: [[3, 2, 2, 2]],
    outputs: [[3, 2, 2, 2]],
    loss: 2.305003,
    inputGrads: [6.634866],
    parameterGrads: [2.305003, 12.5],
  },
  {
    make: () => new nn.BatchNorm3d(2, { affine: false }),
    inputs: [[2, 2, 2, 2, 1]],
    outputs: [[2, 2, 2, 2, 1]],
    loss: 0.8778903,
    inputGrads: [3.872884],
    parameterGrads: [],
  },
  {
    make: () => new nn.InstanceNorm2d(2, { affine: true }),
    inputs: [[2, 2, 3, 3]],
    outputs: [[2, 2, 3, 3]],
    loss: -0.1084591,
    inputGrads: [2.293211],
    parameterGrads: [0.2396723, 18.5],
  },
  {
    make: () => new nn.InstanceNorm1d(3),
    inputs: [[3, 4]],
    outputs: [[3, 4]],
    loss: 0.08698362,
    inputGrads: [0.6579481],
    parameterGrads: [],
  },
  {
    make: () => new nn.LayerNorm([2, 3]),
    inputs: [[4, 2, 3]],
    outputs: [[4, 2, 3]],
    loss: 0.3771479,
    inputGrads: [1.541092],
    parameterGrads: [6.076192, 12.5],
  },
  {
    make: () => new nn.GroupNorm(2, 4),
    inputs: [[2, 4, 3]],
    outputs: [[2, 4, 3]],
    loss: 0.3771479,
    inputGrads: [1.541092],
    parameterGrads: [6.076192, 12.5],
  },
  {
    make: () => new nn.MaxPool2d(2),
    inputs: [[1, 2, 4, 4]],
    outputs: [[1, 2, 2, 2]],
    loss: 7.002085,
    inputGrads: [4.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.MaxPool2d(3, 2, 1),
    inputs: [[1, 2, 5, 5]],
    outputs: [[1, 2, 3, 3]],
    loss: 10.20605,
    inputGrads: [9.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AvgPool2d(2, { stride: 1, padding: 1, countIncludePad: false }),
    inputs: [[1, 1, 3, 3]],
    outputs: [[1, 1, 4, 4]],
    loss: 0.9923767,
    inputGrads: [8.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AdaptiveAvgPool2d([2, 3]),
    inputs: [[1, 2, 5, 7]],
    outputs: [[1, 2, 2, 3]],
    loss: 0.7975732,
    inputGrads: [6.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AdaptiveMaxPool1d(3),
    inputs: [[1, 2, 7]],
    outputs: [[1, 2, 3]],
    loss: 1.615649,
    inputGrads: [3.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.ReflectionPad2d(1),
    inputs: [[1, 1, 3, 3]],
    outputs: [[1, 1, 5, 5]],
    loss: -1.352541,
    inputGrads: [13],
    parameterGrads: [],
  },
  {
    make: () => new nn.ReplicationPad1d([2, 1]),
    inputs: [[1, 2, 3]],
    outputs: [[1, 2, 6]],
    loss: -3.172873,
    inputGrads: [6.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.ConstantPad2d([1, 0, 2, 0], 0.5),
    inputs: [[1, 1, 2, 2]],
    outputs: [[1, 1, 4, 3]],
    loss: 1.590989,
    inputGrads: [3.333333],
    parameterGrads: [],
  },
  {
    make: () => new nn.ZeroPad2d(1),
    inputs: [[1, 1, 2, 2]],
    outputs: [[1, 1, 4, 4]],
    loss: -0.2045878,
    inputGrads: [2.125],
    parameterGrads: [],
  },
  {
    make: () => new nn.RNN(3, 4, 2, { nonlinearity: "relu" }),
    inputs: [[5, 2, 3]],
    outputs: [
      [5, 2, 4],
      [2, 2, 4],
    ],
    loss: 7.810155,
    inputGrads: [6.029715],
    parameterGrads: [16.32148, 27.00524, 10.61585, 10.61585, 41.37333, 4.529608, 12.48435, 12.48435],
  },
  {
    make: () => new nn.RNN(3, 4, { bidirectional: true, batchFirst: true, bias: false }),
    inputs: [[2, 5, 3]],
    outputs: [
      [2, 5, 8],
      [2, 2, 4],
    ],
    loss: -2.675816,
    inputGrads: [8.754692],
    parameterGrads: [17.75349, 6.466437, 22.66775, 18.21487],
  },
  {
    make: () => new nn.LSTM(3, 4, 2, { bidirectional: true }),
    inputs: [[5, 2, 3]],
    outputs: [
      [5, 2, 8],
      [4, 2, 4],
      [4, 2, 4],
    ],
    loss: 2.862864,
    inputGrads: [1.536024],
    parameterGrads: [
      7.922725, 2.894439, 6.106606, 6.106606, 6.079882, 1.968081, 4.400289, 4.40029, 18.04271, 9.551845, 18.56217,
      18.56217, 26.07555, 12.68939, 26.75973, 26.75973,
    ],
  },
  {
    make: () => new nn.LSTM(3, 5, { projSize: 2 }),
    inputs: [[5, 2, 3]],
    outputs: [
      [5, 2, 2],
      [1, 2, 2],
      [1, 2, 5],
    ],
    loss: 1.067115,
    inputGrads: [0.8043222],
    parameterGrads: [8.032326, 1.37672, 5.624742, 5.624742, 11.06278],
  },
  {
    make: () => new nn.LSTM(3, 4),
    inputs: [[5, 3]],
    outputs: [
      [5, 4],
      [1, 4],
      [1, 4],
    ],
    loss: 0.05738997,
    inputGrads: [2.395011],
    parameterGrads: [5.868242, 3.536386, 7.849352, 7.849351],
  },
  {
    make: () => new nn.GRU(3, 4, 2, { bidirectional: true, batchFirst: true }),
    inputs: [[2, 5, 3]],
    outputs: [
      [2, 5, 8],
      [4, 2, 4],
    ],
    loss: 0.7893296,
    inputGrads: [3.047974],
    parameterGrads: [
      18.25864, 7.841286, 15.17387, 9.464286, 12.85757, 2.626693, 7.76063, 4.301895, 29.98308, 7.085008, 18.81128,
      11.45755, 27.338, 8.518978, 19.11357, 12.27053,
    ],
  },
  {
    make: () => new nn.RNNCell(3, 4),
    inputs: [[2, 3]],
    outputs: [[2, 4]],
    loss: 1.141413,
    inputGrads: [0.5105035],
    parameterGrads: [4.656476, 0, 3.156601, 3.156601],
  },
  {
    make: () => new nn.LSTMCell(3, 4),
    inputs: [[2, 3]],
    outputs: [
      [2, 4],
      [2, 4],
    ],
    loss: -0.1353913,
    inputGrads: [1.085508],
    parameterGrads: [5.61661, 0, 3.193241, 3.193241],
  },
  {
    make: () => new nn.GRUCell(3, 4),
    inputs: [[2, 3]],
    outputs: [[2, 4]],
    loss: -0.8559306,
    inputGrads: [1.135342],
    parameterGrads: [3.610248, 0, 2.388355, 1.562693],
  },
  {
    make: () => new nn.MultiheadAttention(6, 2),
    inputs: [
      [4, 2, 6],
      [5, 2, 6],
      [5, 2, 6],
    ],
    outputs: [
      [4, 2, 6],
      [2, 4, 5],
    ],
    loss: 3.150644,
    inputGrads: [1.714815, 1.582821, 5.307558],
    parameterGrads: [35.95668, 13.81414, 43.57304, 24.5],
  },
  {
    make: () => new nn.MultiheadAttention(6, 3, { kdim: 4, vdim: 5, batchFirst: true }),
    inputs: [
      [2, 4, 6],
      [2, 3, 4],
      [2, 3, 5],
    ],
    outputs: [
      [2, 4, 6],
      [2, 4, 3],
    ],
    loss: 4.465167,
    inputGrads: [1.545585, 1.27903, 9.737794],
    parameterGrads: [3.017413, 2.635567, 31.67347, 13.59321, 44.25018, 24.5],
  },
  {
    make: () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0 }),
    inputs: [[3, 2, 4]],
    outputs: [[3, 2, 4]],
    loss: -0.01527351,
    inputGrads: [1.336429],
    parameterGrads: [
      0.4545389, 0.3820013, 0.5576881, 0.9719687, 0.4896045, 0.1751162, 1.15047, 0.6696478, 0.2043646, 0.5917556,
      2.626057, 12.5,
    ],
  },
  {
    make: () => new nn.TransformerEncoderLayer(4, 2, 8, 0, { activation: "gelu", normFirst: true, batchFirst: true }),
    inputs: [[2, 3, 4]],
    outputs: [[2, 3, 4]],
    loss: 4.147377,
    inputGrads: [12.5],
    parameterGrads: [
      7.231739, 5.131181, 7.694708, 12.5, 7.540902, 3.327708, 14.96397, 12.5, 0.841056, 2.164832, 0.7258742, 2.195523,
    ],
  },
  {
    make: () => new nn.TransformerDecoderLayer(4, 2, 8, 0),
    inputs: [
      [3, 2, 4],
      [5, 2, 4],
    ],
    outputs: [[3, 2, 4]],
    loss: -0.1486953,
    inputGrads: [1.220154, 0.2460034],
    parameterGrads: [
      0.4755764, 0.3617567, 0.5443615, 0.8450306, 0.2449591, 0.3515939, 0.2307019, 0.5715602, 0.635296, 0.3985264,
      1.601033, 0.6463817, 0.161046, 0.5575123, 0.1710157, 0.5706873, 3.699306, 12.5,
    ],
  },
  {
    make: () => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, 8, 0), 2, new nn.LayerNorm(4)),
    inputs: [[3, 2, 4]],
    outputs: [[3, 2, 4]],
    loss: 0.002790034,
    inputGrads: [1.39269],
    parameterGrads: [
      0.4836864, 0.4112461, 0.5944315, 0.9795183, 0.4827363, 0.1772398, 1.125224, 0.66742, 0.1953554, 0.5961673,
      0.1163754, 0.7376291, 0.2604463, 0.2405039, 0.2241154, 0.6198114, 0.4389631, 0.1634648, 1.168311, 0.6893792,
      0.1322159, 0.5984755, 0.1249263, 0.7350426, 2.861773, 12.5,
    ],
  },
  {
    make: () => new nn.Transformer(4, 2, 1, 1, 8, 0),
    inputs: [
      [3, 2, 4],
      [2, 2, 4],
    ],
    outputs: [[2, 2, 4]],
    loss: -0.1310688,
    inputGrads: [0.8723214, 1.100165],
    parameterGrads: [
      0.7228564, 0.6807129, 0.2797451, 0.4101906, 1.486052, 0.6564976, 1.610484, 0.4765477, 0.1986988, 0.2881341,
      0.09334316, 0.5165843, 0.2422029, 0.8350115, 1.388387, 0.6281737, 0.7947559, 1.07857, 2.520206, 1.188176,
      0.3954993, 0.6353451, 2.238115, 0.8299518, 4.60252, 0.6560158, 0.2587867, 0.6124059, 0.2236406, 0.7223374,
      0.3062827, 0.8771229, 6.410744, 8.5,
    ],
  },
  {
    make: () => new nn.PReLU(3),
    inputs: [[2, 3]],
    outputs: [[2, 3]],
    loss: 0.2927546,
    inputGrads: [1.25],
    parameterGrads: [1.915307],
  },
  {
    make: () => new nn.LeakyReLU(0.2),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.3885199,
    inputGrads: [1.1],
    parameterGrads: [],
  },
  {
    make: () => new nn.ELU(0.7),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.1439273,
    inputGrads: [1.684491],
    parameterGrads: [],
  },
  {
    make: () => new nn.GELU(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.3219888,
    inputGrads: [1.018852],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softplus(2),
    inputs: [[6]],
    outputs: [[6]],
    loss: 1.228342,
    inputGrads: [1.195349],
    parameterGrads: [],
  },
  {
    make: () => new nn.Hardtanh(-0.5, 0.5),
    inputs: [[6]],
    outputs: [[6]],
    loss: -1.019619,
    inputGrads: [1],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softmax(1),
    inputs: [[2, 3]],
    outputs: [[2, 3]],
    loss: 1.189111,
    inputGrads: [0.1695056],
    parameterGrads: [],
  },
  {
    make: () => new nn.LogSoftmax({ dim: -1 }),
    inputs: [[2, 3]],
    outputs: [[2, 3]],
    loss: -4.631985,
    inputGrads: [1.397732],
    parameterGrads: [],
  },
  {
    make: () => new nn.GLU(),
    inputs: [[2, 4]],
    outputs: [[2, 2]],
    loss: -0.1136467,
    inputGrads: [1.592296],
    parameterGrads: [],
  },
  {
    make: () => new nn.Threshold(0.1, 20),
    inputs: [[6]],
    outputs: [[6]],
    loss: 60.77158,
    inputGrads: [0.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.CosineSimilarity({ dim: 1 }),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[2]],
    loss: 0.4782819,
    inputGrads: [1.236078, 1.770105],
    parameterGrads: [],
  },
  {
    make: () => new nn.PairwiseDistance({ p: 1 }),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[2]],
    loss: 3.955572,
    inputGrads: [4.5, 4.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Upsample({ scaleFactor: 2, mode: "bilinear", alignCorners: true }),
    inputs: [[1, 1, 2, 3]],
    outputs: [[1, 1, 4, 6]],
    loss: -3.078935,
    inputGrads: [12.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.PixelShuffle(2),
    inputs: [[1, 4, 2, 2]],
    outputs: [[1, 1, 4, 4]],
    loss: 0.3395461,
    inputGrads: [8.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Flatten(),
    inputs: [[2, 3, 2]],
    outputs: [[2, 6]],
    loss: 0.4973291,
    inputGrads: [6.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Unflatten(1, [2, 3]),
    inputs: [[2, 6]],
    outputs: [[2, 2, 3]],
    loss: 0.4973291,
    inputGrads: [6.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Unfold(2),
    inputs: [[1, 1, 3, 3]],
    outputs: [[1, 4, 4]],
    loss: -0.3667207,
    inputGrads: [8.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Fold([3, 3], 2),
    inputs: [[1, 4, 4]],
    outputs: [[1, 1, 3, 3]],
    loss: 0.3782332,
    inputGrads: [8.888889],
    parameterGrads: [],
  },
  {
    make: () => new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2)),
    inputs: [[2, 3]],
    outputs: [[2, 2]],
    loss: 0.4196769,
    inputGrads: [0.4372143],
    parameterGrads: [2.602246, 1.908158, 3.376168, 2.5],
  },
  {
    make: () => new nn.MSELoss(),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 1.313444,
    inputGrads: [1.835759, 1.835759],
    parameterGrads: [],
  },
  {
    make: () => new nn.L1Loss({ reduction: "sum" }),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 5.507277,
    inputGrads: [6, 6],
    parameterGrads: [],
  },
  {
    make: () => new nn.SmoothL1Loss({ beta: 0.5 }),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 0.7065348,
    inputGrads: [0.7936209, 0.7936209],
    parameterGrads: [],
  },
  {
    make: () => new nn.HuberLoss({ delta: 0.7 }),
    inputs: [
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 0.4474812,
    inputGrads: [0.4968105, 0.4968105],
    parameterGrads: [],
  },
  {
    make: () => new nn.TripletMarginLoss({ margin: 2 }),
    inputs: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 1.499276,
    inputGrads: [0.8838372, 1.394478, 1.469224],
    parameterGrads: [],
  },
  {
    make: () => new nn.LocalResponseNorm(2, { k: 2 }),
    inputs: [[2, 4, 3]],
    outputs: [[2, 4, 3]],
    loss: 1.903396,
    inputGrads: [7.432103],
    parameterGrads: [],
  },
  {
    make: () => new nn.LPPool2d(2, 2),
    inputs: [[1, 2, 4, 4]],
    outputs: [[1, 2, 2, 2]],
    loss: 9.973515,
    inputGrads: [7.856973],
    parameterGrads: [],
  },
  {
    make: () => new nn.LPPool1d(2, 3, { stride: 1 }),
    inputs: [[1, 2, 5]],
    outputs: [[1, 2, 3]],
    loss: 4.117953,
    inputGrads: [5.718996],
    parameterGrads: [],
  },
  {
    make: () => new nn.TripletMarginWithDistanceLoss({ margin: 3 }),
    inputs: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    outputs: [[]],
    loss: 2.499276,
    inputGrads: [0.8838372, 1.394478, 1.469224],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softmin(0),
    inputs: [[2, 3]],
    outputs: [[2, 3]],
    loss: 2.100151,
    inputGrads: [0.4131913],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softmax2d(),
    inputs: [[1, 3, 2, 2]],
    outputs: [[1, 3, 2, 2]],
    loss: 2.125786,
    inputGrads: [0.7213753],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softmax(),
    inputs: [[2, 3]],
    outputs: [[2, 3]],
    loss: 1.189111,
    inputGrads: [0.1695056],
    parameterGrads: [],
  },
  {
    make: () => new nn.CELU(0.5),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.2012019,
    inputGrads: [1.554434],
    parameterGrads: [],
  },
  {
    make: () => new nn.SELU(),
    inputs: [[6]],
    outputs: [[6]],
    loss: -1.488663,
    inputGrads: [3.500284],
    parameterGrads: [],
  },
  {
    make: () => new nn.ReLU6(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.7715813,
    inputGrads: [0.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.SiLU(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.07213725,
    inputGrads: [1.17271],
    parameterGrads: [],
  },
  {
    make: () => new nn.Mish(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.06400694,
    inputGrads: [1.293874],
    parameterGrads: [],
  },
  {
    make: () => new nn.Hardswish(),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.06845383,
    inputGrads: [1.368758],
    parameterGrads: [],
  },
  {
    make: () => new nn.Hardsigmoid(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 1.559379,
    inputGrads: [0.5833334],
    parameterGrads: [],
  },
  {
    make: () => new nn.LogSigmoid(),
    inputs: [[6]],
    outputs: [[6]],
    loss: -3.345279,
    inputGrads: [2.042086],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softsign(),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.7869796,
    inputGrads: [1.376765],
    parameterGrads: [],
  },
  {
    make: () => new nn.Tanhshrink(),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.03442413,
    inputGrads: [1.306393],
    parameterGrads: [],
  },
  {
    make: () => new nn.Hardshrink(0.3),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.8741062,
    inputGrads: [2.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.Softshrink(0.3),
    inputs: [[6]],
    outputs: [[6]],
    loss: -0.4241063,
    inputGrads: [2.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.GELU("tanh"),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.3217962,
    inputGrads: [1.019288],
    parameterGrads: [],
  },
  {
    make: () => new nn.RReLU().eval(),
    inputs: [[6]],
    outputs: [[6]],
    loss: 0.3326568,
    inputGrads: [1.1875],
    parameterGrads: [],
  },
  {
    make: () => new nn.AvgPool1d(2),
    inputs: [[1, 2, 6]],
    outputs: [[1, 2, 3]],
    loss: 0.3204402,
    inputGrads: [3.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AvgPool3d(2),
    inputs: [[1, 1, 4, 2, 2]],
    outputs: [[1, 1, 2, 1, 1]],
    loss: 0.1221998,
    inputGrads: [1.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.MaxPool1d(2, 1),
    inputs: [[1, 2, 6]],
    outputs: [[1, 2, 5]],
    loss: 3.875496,
    inputGrads: [5.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.MaxPool3d(2),
    inputs: [[1, 1, 4, 2, 2]],
    outputs: [[1, 1, 2, 1, 1]],
    loss: 3.406349,
    inputGrads: [1.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AdaptiveAvgPool1d(2),
    inputs: [[1, 2, 5]],
    outputs: [[1, 2, 2]],
    loss: -0.1462229,
    inputGrads: [2.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.AdaptiveMaxPool2d([2, null]),
    inputs: [[1, 1, 5, 3]],
    outputs: [[1, 1, 2, 3]],
    loss: 2.862321,
    inputGrads: [3.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.UpsamplingNearest2d({ scaleFactor: 2 }),
    inputs: [[1, 1, 2, 2]],
    outputs: [[1, 1, 4, 4]],
    loss: -3.085357,
    inputGrads: [8.5],
    parameterGrads: [],
  },
  {
    make: () => new nn.PixelUnshuffle(2),
    inputs: [[1, 1, 4, 4]],
    outputs: [[1, 4, 2, 2]],
    loss: -1.010181,
    inputGrads: [8.5],
    parameterGrads: [],
  },
];

/** The floating point tensors of a result, which may be nested. */
function flatten(result: unknown): Tensor[] {
  if (result instanceof Tensor) return result.isFloatingPoint() ? [result] : [];
  return Array.isArray(result) ? result.flatMap(flatten) : [];
}

const weighted = (y: Tensor): Tensor =>
  y
    .reshape(-1)
    .mul(arange(1, y.numel() + 1).div(y.numel()))
    .sum();

const size = (x: Tensor | null): number => (x === null ? 0 : x.abs().sum().item());

function assertClose(what: string, got: number, want: number): void {
  assert.ok(Math.abs(got - want) <= 2e-5 * Math.max(1, Math.abs(want)), `${what} is ${got}, not ${want}`);
}

describe("layers give the results and gradients that PyTorch gives after the same seed:", () => {
  for (const { make, inputs, outputs, loss, inputGrads, parameterGrads } of cases) {
    it(`${String(make)
      .replace(/^\(\) => new nn\./, "")
      .replaceAll(/\s+/g, " ")} on ${JSON.stringify(inputs)}`, () => {
      manualSeed(7);
      const layer = make();
      manualSeed(11);
      const args = inputs.map((shape) => randn(shape).requiresGrad_());
      const results = flatten(layer.forward(...args));
      assert.deepEqual(
        results.map((y) => y.shape),
        outputs,
      );
      const total = results.map(weighted).reduce((a, b) => a.add(b));
      total.backward();
      assertClose("the loss", total.item(), loss);
      args.forEach((x, i) => {
        assertClose(`the gradient of argument ${i}`, size(x.grad), inputGrads[i] ?? Number.NaN);
      });
      const parameters = layer.namedParameters();
      assert.equal(parameters.length, parameterGrads.length);
      parameters.forEach(([name, p], i) => {
        assertClose(`the gradient of ${name}`, size(p.grad), parameterGrads[i] ?? Number.NaN);
      });
    });
  }
});
