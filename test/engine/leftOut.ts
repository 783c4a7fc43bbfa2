/** Why PyTorch's names of one kind are not here. */
interface Reason {
  readonly why: string;
  /** PyTorch's names, whole. */
  readonly names: RegExp;
}

/** What of PyTorch's public names (version 1.13) is left out, and why. A name belongs to the first reason that fits. */
export const leftOut: readonly Reason[] = [
  {
    why: "complex numbers are left out",
    names:
      /^(angle|conj|conj_physical_?|resolve_conj|imag|real|isreal|is_complex|is_conj|is_neg|resolve_neg|complex|polar|view_as_(real|complex)(_copy)?|cdouble|cfloat|chalf|eig|eigvals|stft|istft)$/,
  },
  {
    why: "sparse tensors are left out",
    names:
      /sparse|^(coalesce|is_coalesced|indices|values|crow_indices|col_indices|ccol_indices|row_indices|to_dense|.*_indices_copy|indices_copy|values_copy|smm|sspaddmm|saddmm|hsmm|hspmm|dsmm|spmm|sparse_.*|dense_dim|to_padded_tensor|is_nested|SparseAdam)$/i,
  },
  {
    why: "quantized and lower precision numbers are left out: dtypes are float32, float64, int32, int64 and bool",
    names:
      /quant|qparams|^(q_.*|qscheme|int_repr|fbgemm_.*|half|bfloat16|byte|char|short|get_autocast.*|set_autocast.*|is_autocast.*|autocast_.*|clear_autocast_cache)$/,
  },
  {
    why: "there is one device and one memory, so nothing moves between devices, processes or layouts",
    names:
      /cuda|cudnn|miopen|mkldnn|vulkan|xpu|ipu|^(device|get_device|is_cpu|is_meta|is_mps|is_ort|is_pinned|pin_memory|is_shared|share_memory_?|record_stream|is_distributed|layout|to_empty|storage_type|data_ptr|DataParallel|SyncBatchNorm|save_on_cpu|convert_conv2d_weight_memory_format|set_flush_denormal|.*num_(interop_)?threads|init_num_threads|prepare_multiprocessing_environment|.*deterministic.*|.*float32_matmul_precision|wait|fork)$/,
  },
  {
    why: "dimensions have no names",
    names: /^(align_(as|to|tensors)|has_names|names|refine_names|rename_?|volatile)$/,
  },
  {
    why: "Python's own machinery: scripting, numpy, pickling, subclasses of tensors, vitals, global switches",
    names:
      /^(as_subclass|new|type|set_|resize_?|resize_as_?|apply_|map_|map2_|is_set_to|empty_strided|new_empty_strided|from_(numpy|dlpack|file)|frombuffer|to_dlpack|asarray|load|save|set_printoptions|import_ir_module.*|parse_.*|merge_type_from_type_comment|unify_type_list|.*_function(_unary|_variadic)?|get_file_path|compiled_with_cxx11_abi|candidate|.*vitals?.*|is_storage|is_warn_always_enabled|set_warn_always|.*default_(dtype|tensor_type)|boolean_dispatch|assert_int_or_pair|NestedIOFunction|SavedTensor|Variable|is_tensor_like|kineto_available|profiler_legacy|Profiler.*|forward_ad|T_destination|dump_patches|skip_init|UninitializedBuffer|UninitializedParameter|Container|RNNBase|RNNCellBase|LinAlgError|Optimizer|PackedSequence_|reinforce|output_nr|is_anomaly.*|set_anomaly_enabled|range|scalar_tensor|numpy)$/,
  },
  {
    why: "steps of other ops, or twins of theirs, that PyTorch's own code calls",
    names:
      /(_copy|_backward.*|_with_indices|_generator)$|^(native_.*|batch_norm_.*|convolution|conv_tbc|constant_pad_nd|unsafe_.*|slice_copy|norm_except_dim|(frobenius|nuclear)_norm|grid_sampler.*|embedding_renorm_|feature_dropout_?|multi_head_attention_forward|register_backward_hook|clip_grad_norm|NLLLoss2d|upsample_(bilinear|nearest)|narrow_copy|(rnn_(tanh|relu)|gru|lstm)(_cell)?|(tensor_)?ndimension|matrix_rank|chain_matmul|symeig|lstsq|solve|lu|lu_solve|is_same_size|is_signed|is_nonzero|is_inference)$/,
  },
  {
    why: "errors are thrown, so no form gives a number for them",
    names: /_ex$/,
  },
  {
    why: "approximations for matrices too large to be decomposed whole, and LDL, which PyTorch itself calls experimental",
    names: /^(ldl_.*|lobpcg|svd_lowrank|pca_lowrank)$/,
  },
  {
    why: "in `F` and `nn` alone, where PyTorch has them twice",
    names:
      /^(adaptive_(avg|max)_pool1d|avg_pool1d|max_pool[123]d|(feature_)?alpha_dropout_?|dropout_?|batch_norm|layer_norm|group_norm|instance_norm|bilinear|binary_cross_entropy_with_logits|celu_|channel_shuffle|conv[123]d|conv_transpose[123]d|cosine_embedding_loss|ctc_loss|embedding(_bag)?|hinge_embedding_loss|kl_div|margin_ranking_loss|pixel_(un)?shuffle|poisson_nll_loss|triplet_margin_loss|selu_|threshold_|relu_)$/,
  },
  {
    why: "PyTorch's own is wrong: channels stay in all windows, and its gradient is not the derivative; `nn.LocalResponseNorm` is what it is meant to be",
    names: /^CrossMapLRN2d$/,
  },
  {
    why: "functions of a tensor that write into it are methods alone: `x.exp_()`",
    names: /[a-z0-9]_$/,
  },
  {
    why: "PyTorch deprecates it: `nn.utils.parametrizations.spectralNorm` is there",
    names: /^(remove_)?spectral_norm$/,
  },
];
