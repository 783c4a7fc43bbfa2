// What docs/performance.md says besides numbers: by profiles (`node --cpu-prof`) and by trial. To be kept true by whoever changes what
// it speaks of.

/** Why a figure is above its target, by the benchmark's name: what limits it, and what was tried. */
export const reasons: Readonly<Record<string, string>> = {
  W1: "See *ops on few numbers* below.",
  W8: "See *ops on few numbers* below.",
  W9: "See *gradcheck* below.",
  W2: "Copies are half to two thirds of the profile: 48 MB go into the kernels' memory in a step and 28 MB out of it, at 10 to 12 GB/s on an AMD EPYC and at 30 on an Intel Xeon, where the same step takes 5.8 ms. Kernels are 16 %, half of that tanh; garbage collection 4 %. Blocks of 2,048 numbers are best: twice as many are an eighth slower, half as many a fifth. A loop in JavaScript, without copies, takes 1.2 ms where a sum of two tensors takes 0.6 to 0.8.",
  W3_512:
    "The inner loop is 77 % of the profile, copies 12 %, packing 4 %. By itself it reaches 57 GFLOP/s, which is all that 128-bit vectors give, and a whole product 51: what is above the target is the neighbours on the machine.",
  W3_1024: "As W3_512.",
  W4: "The inner loop of the products is 60 % of the profile, copies 17 % (the optimizer's a third of them), engine 6 %, garbage collection 6 %, packing 4 %.",
  W5: "The inner loop of the products is 36 % of the profile, copies 24 %, pooling, sums and the like 12 %, packing with images to columns 9 %, engine 7 %, allocation 5 %. A convolution reaches 60 % to 80 % of the inner loop's speed.",
  W6: "The inner loop of the products is 52 % of the profile, which is 11.5 ms at the most that 128-bit vectors give (57 GFLOP/s); copies are 22 %, other kernels 7 %, engine 6 %, garbage collection 6 %, packing 5 %. Heads of attention, 64 × 32 and far apart in memory, are brought in several at a time, which took a third off their products. Pinned to one core of this machine the same step takes 18.8 to 19.6 ms: unpinned it moves between cores, and away from its caches. What is left are 60 tensors of 0.25 to 1 MB that are written once and read twice.",
  "threads-W2":
    "Only tanh is shared: V8 copies into and out of shared memory word by word, at 5 to 13 GB/s where it has 30 for memory of one thread, so half a sum of two tensors takes as long on its way as the whole sum does here. WebAssembly's `memory.copy` between the kernels' memory and a shared one runs at 25 to 32 GB/s, but with the copy that comes before it the way is no faster (8 to 15).",
  "threads-W3_512":
    "Of a product the caller copies all of one operand and half of the other, 1.5 MB, into shared memory, and half the result, 0.5 MB, back: 0.2 ms beside 2.6 of work. The sum and the product with G stay in one thread.",
  "threads-W3_1024": "As W3_512.",
  "threads-W4":
    "Two products of 0.55 ms are shared, each with 0.05 ms of copies and 25 to 60 µs until a sleeping helper is awake; the others take 0.1 ms and would gain nothing, and the optimizer's pass is nothing but copies. A helper that looks for work for 1 ms before it sleeps answers within 1 µs, but holds up the caller as long where both share a core, as they do on a busy machine; so it looks for 50 µs.",
  "threads-W5":
    "The three large convolutions are shared by parts of the batch: from 0.65 to 0.8 ms each to 0.45. Pooling, relu, bias, the small first convolution and the optimizer stay in one thread: half of the step.",
  "threads-W6":
    "The twelve large products are shared, with 8 MB of copies into shared memory at 5 to 13 GB/s. Attention's batches of small products, softmax, layer norm, gelu and sums stay in one thread: 7 ms.",
  W10_W4_recorded: "See *recording* below.",
  W10_W7_recorded: "See *recording* below.",
  W10_W4_anomaly: "See *recording* below.",
  "cold-start":
    "Node alone takes 40 of it. By a trace of its system calls a third passes until the runner's process is up, a third until esbuild and the engine are read, and a third with the run and the way out: files read, code compiled (from Node's cache where there is one), three processes and threads started, and none of it can be done beforehand.",
};

export const limits = `## What limits it

- **This machine** is a virtual one: its processor is another one on other days, and its neighbours are heard. On an Intel Xeon W2 takes 5.8 ms, W6 21.9 and W8 7.5; what a kernel takes by itself, below, was measured there. Peers are measured in turns with ours, so that ratios tell more than
  times; figures for two threads, which need both cores at once, suffer most.
- **Ops on few numbers** (W1, W8): about 750 bytes are allocated per op forward and 960 backward (a sampling of the heap): 512 for each tensor (176 its fields, 56 its storage, 280 its typed array of 16 numbers), 128 for the node, 64 for each list.
  A graph of 1,000 ops stays in the second-level cache; one of 10,000 (W8) does not, and an op there takes twice as long: an eighth of the time the system clears pages for V8's heap, a tenth is garbage collection, nothing else is
  above 6 %. A tape without any features (\`floor\`) takes 0.12 µs an op in W1 and 0.25 in W8 on the same machine. Tried without gain: a larger or smaller young generation (\`--max-semi-space-size\` 1 to 64), all typed arrays cut from common slabs (8 to 64 KB; fewer
  bytes, but they are outside the heap and make collections more frequent), buffers of small gradients that serve again (W1 15 % slower), and what backward keeps about a node in the node itself (no faster, and larger nodes to copy).
- **Elementwise work on many numbers** (W2) is bound by copies: kernels work in a memory of their own, so each operand is copied in and each result out, block by block through the first-level cache, at 30 GB/s when nobody
  else uses the memory. Tensors that lived in the kernels' memory would need no copies, but could only be freed after a tick of the event loop: a training loop without one would grow until it ends.
- **Products** (W3 to W6): 128-bit vectors end at 16 floating-point operations a cycle, 57 GFLOP/s a core here, and the inner loop reaches that. With copies and packing a product of 512 × 512 reaches 51, those of W4 and W6
  44 to 51, attention's of 64 × 64 × 32 33. PyTorch's have 512-bit vectors on that processor, and 197 GFLOP/s. The tile of six rows is a fifth faster than that of four; which one is used is measured at the start.
- **Two threads** pay for products and convolutions from 2 million multiplications on that are at least 32 for each number copied, and for curves of 131,072 numbers. A helper is awake after 25 to 60 µs. Sums, products of
  elements, optimizers and normalization are bound by copies, and those to shared memory are slower; small products of a batch are done before a helper is awake.
- **Dead buffers** (W2, W5, W6): the buffers of a step die with its graph, and V8, which counts objects, lets 64 MB of them pile up before it looks. Backward has it free dead young objects when it begins, once 24 MB have been made, in a
  third of a millisecond, so that steps work in memory that is mapped already: in W2 the system hardly clears a page any more. At the end of backward, where this was done at first, the step's own graph is still held by its caller: V8 came
  near its limit all the same and looked through everything in 73 of 82 steps, and now does in 2.
- **gradcheck** (W9): a fifth of the time goes to bringing the weights into the kernels' memory for each of 400 forward passes.
- **Recording** reads each new tensor once for its norm and for NaN: on W4 at 0.3 ns a number, half of the overhead, of which a third is the copy into the kernels' memory. On W7, where a step is 16 µs, an event costs 0.45 µs, its figures included.
  Anomaly detection notes the calls that led to each node, 5 to 10 µs each, and lets no buffer of a gradient serve again.
- **Memory**: a step takes what it needs, and up to 64 MB of buffers that nobody holds any more, which V8 lets stand before it collects: from 320 MB on that is within 1.2 times the need. Buffers of \`.grad\` that serve again after \`zeroGrad\` were tried, without gain in
  time or peak.
- **Starting the extension** takes 28 to 35 ms of processor time in a real VS Code (a test tells it): about a third is V8's reading of the one bundle, a third VS Code's own work for what is registered. It took 42 to 75
  while each module had its own import of VS Code's interface, which a bundler copies name by name.`;
