// Convolutions, pools, normalisations.
#include "tests/unit/native_train/operator_case.h"

namespace fair::test {

std::vector<OperatorCase> window_cases() {
  using C = OperatorCase;
  std::vector<C> all{
      C{"Conv", 11, {2, 3, 9, 8}, {random({4, 3, 3, 3})}},
      C{"Conv", 11, {2, 3, 9, 8}, {random({4, 3, 3, 3}), random({4})}, {list("pads", {1, 1, 1, 1}), list("strides", {2, 1})}},
      C{"Conv", 11, {1, 3, 9, 8}, {random({4, 3, 3, 2})}, {list("pads", {0, 1, 2, 1}), list("strides", {2, 2})}},
      C{"Conv", 13, {1, 4, 9, 8}, {random({6, 2, 3, 3}), random({6})}, {number("group", 2), list("dilations", {2, 1}), list("pads", {2, 1, 2, 1})}},
      C{"Conv", 13, {1, 4, 9, 8}, {random({4, 1, 3, 3})}, {number("group", 4), word("auto_pad", "SAME_UPPER"), list("strides", {2, 2})}},
      C{"Conv", 18, {1, 4, 9, 8}, {random({4, 4, 4, 4})}, {word("auto_pad", "SAME_LOWER"), list("strides", {3, 2})}},
      C{"Conv", 18, {1, 4, 9, 8}, {random({4, 4, 3, 3})}, {word("auto_pad", "VALID"), list("dilations", {2, 2})}},
      C{"Conv", 18, {2, 3, 11}, {random({5, 3, 3}), random({5})}, {list("pads", {2, 1}), list("strides", {2})}},
      C{"Conv", 18, {1, 2, 5, 6, 4}, {random({3, 2, 3, 2, 3}), random({3})}, {list("pads", {1, 0, 1, 1, 1, 0})}},
      C{"Conv", 20, {1, 2, 5, 6}, {random({3, 2, 1, 1})}},

      C{"ConvTranspose", 11, {1, 3, 5, 4}, {random({3, 2, 3, 3})}},
      C{"ConvTranspose", 11, {1, 3, 5, 4}, {random({3, 2, 2, 2}), random({2})}, {list("strides", {2, 2})}},
      C{"ConvTranspose",
        11,
        {1, 4, 5, 4},
        {random({4, 2, 3, 3}), random({4})},
        {number("group", 2), list("strides", {2, 3}), list("pads", {1, 1, 1, 1}), list("output_padding", {1, 2})}},
      C{"ConvTranspose", 13, {1, 3, 5, 4}, {random({3, 2, 3, 3}), random({2})}, {list("strides", {2, 2}), list("pads", {1, 0, 0, 2})}},
      C{"ConvTranspose", 13, {1, 3, 5, 4}, {random({3, 2, 3, 3})}, {list("strides", {2, 2}), word("auto_pad", "SAME_UPPER")}},
      C{"ConvTranspose", 18, {1, 3, 5, 4}, {random({3, 2, 3, 3})}, {list("strides", {2, 2}), word("auto_pad", "SAME_LOWER")}},
      C{"ConvTranspose", 18, {1, 3, 5, 4}, {random({3, 2, 3, 3}), random({2})}, {list("strides", {3, 2}), list("output_shape", {14, 9})}},
      C{"ConvTranspose",
        18,
        {1, 3, 5, 4},
        {random({3, 2, 3, 3})},
        {list("strides", {3, 2}), list("output_shape", {12, 8}), word("auto_pad", "SAME_UPPER")}},
      C{"ConvTranspose", 18, {1, 3, 5, 4}, {random({3, 2, 3, 3})}, {list("dilations", {2, 2}), list("pads", {1, 1, 1, 1})}},
      C{"ConvTranspose", 18, {2, 3, 6}, {random({3, 2, 4}), random({2})}, {list("strides", {2}), list("pads", {1, 1})}},
      C{"ConvTranspose", 18, {1, 2, 3, 4, 3}, {random({2, 2, 2, 3, 2})}, {list("strides", {2, 1, 2})}},

      C{"BatchNormalization", 11, {2, 3, 4, 5}, {random({3}), random({3}), random({3}), reals({0.5F, 1.5F, 0.7F})}},
      C{"BatchNormalization", 14, {2, 3, 4, 5}, {random({3}), random({3}), random({3}), reals({0.5F, 1.5F, 0.7F})}, {factor("epsilon", 1e-3F)}},
      C{"BatchNormalization", 15, {4, 3}, {random({3}), random({3}), random({3}), reals({0.5F, 1.5F, 0.7F})}},
      C{"BatchNormalization", 15, {4, 3, 5}, {random({3}), random({3}), random({3}), reals({0.5F, 1.5F, 0.7F})}, {number("training_mode", 0)}},
      // Tensors of their own: ONNX Runtime keeps equal ones once, and moves the statistics in place.
      C{"BatchNormalization",
        15,
        {2, 3, 4, 5},
        {random({3}), reals({0.1F, -0.2F, 0.3F}), reals({0.2F, 0.4F, -0.1F}), reals({0.5F, 1.5F, 0.7F})},
        {number("training_mode", 1), factor("momentum", 0.8F)}}
          .giving(3),
      C{"InstanceNormalization", 11, {2, 3, 4, 5}, {random({3}), random({3})}},
      C{"InstanceNormalization", 18, {2, 3, 6}, {random({3}), random({3})}, {factor("epsilon", 1e-2F)}},
      C{"InstanceNormalization", 18, {2, 3, 2, 3, 4}, {random({3}), random({3})}},
      C{"LayerNormalization", 17, {2, 3, 5}, {random({5}), random({5})}},
      C{"LayerNormalization", 17, {2, 3, 4, 5}, {random({4, 5})}, {number("axis", 2)}},
      C{"LayerNormalization", 17, {2, 3, 4, 5}, {random({5}), random({4, 5})}, {number("axis", -2), factor("epsilon", 1e-2F)}},
      C{"LayerNormalization", 17, {2, 3, 5}, {random({5}), random({5})}}.giving(3),
      C{"GroupNormalization", 18, {2, 6, 3, 4}, {random({3}), random({3})}, {number("num_groups", 3)}},
      C{"GroupNormalization", 21, {2, 6, 3, 4}, {random({6}), random({6})}, {number("num_groups", 3), factor("epsilon", 1e-2F)}},
      C{"GroupNormalization", 21, {2, 6, 7}, {random({6}), random({6})}, {number("num_groups", 1)}},
      C{"LRN", 13, {1, 7, 3, 4}, {}, {number("size", 3), factor("alpha", 0.5F), factor("beta", 0.6F), factor("bias", 2.0F)}},
      C{"LpNormalization", 13, {2, 5}, {}, {number("axis", 1)}},
      C{"LpNormalization", 13, {3, 5}, {}, {number("axis", 0), number("p", 1)}},
      C{"MeanVarianceNormalization", 13, {2, 3, 4, 5}},
      C{"MeanVarianceNormalization", 13, {2, 3, 4, 5}, {}, {list("axes", {1, 2})}},

      C{"GlobalAveragePool", 11, {2, 3, 4, 5}},
      C{"GlobalAveragePool", 11, {2, 3, 4}},
      C{"GlobalMaxPool", 11, {2, 3, 4, 5}},
      C{"GlobalMaxPool", 11, {2, 3, 2, 3, 4}},
      C{"GlobalLpPool", 11, {2, 3, 4, 5}},
      C{"GlobalLpPool", 11, {2, 3, 4, 5}, {}, {number("p", 3)}},
      C{"LpPool", 11, {1, 2, 6, 7}, {}, {list("kernel_shape", {2, 3}), list("strides", {2, 2})}},
      C{"LpPool", 18, {1, 2, 6, 7}, {}, {list("kernel_shape", {3, 3}), list("pads", {1, 1, 1, 1}), number("p", 3)}},
      C{"MaxUnpool", 11, {1, 1, 2, 2}, {whole_at({1, 1, 2, 2}, {5, 7, 13, 15})}, {list("kernel_shape", {2, 2}), list("strides", {2, 2})}},

      C{"MaxPool", 12, {1, 2, 6, 7}, {}, {list("kernel_shape", {2, 2}), list("strides", {2, 2})}}.giving(2),
      C{"MaxPool", 12, {2, 2, 6, 7}, {}, {list("kernel_shape", {3, 3}), list("pads", {1, 1, 1, 1}), number("storage_order", 1)}}.giving(2),
      C{"MaxPool", 12, {1, 2, 9}, {}, {list("kernel_shape", {3}), list("strides", {2}), list("pads", {1, 1})}},
      C{"MaxPool", 12, {1, 2, 4, 5, 6}, {}, {list("kernel_shape", {2, 3, 2}), list("strides", {2, 1, 2})}},
      C{"MaxPool", 12, {1, 2, 6, 7}, {}, {list("kernel_shape", {2, 2})}}.whole(0, 100, onnx::ElementType::u8),
  };
  for (const auto* op : {"MaxPool", "AveragePool"}) {
    const bool average = std::string(op) == "AveragePool";
    for (const std::int64_t counted : {0, 1}) {
      if (!average && counted == 1) continue;
      const auto pool = [&](std::vector<std::int64_t> x, std::vector<onnx::Attribute> attributes, std::int64_t opset = 11) {
        if (average) attributes.push_back(number("count_include_pad", counted));
        all.push_back(C{op, opset, std::move(x), {}, std::move(attributes)});
      };
      pool({2, 3, 8, 9}, {list("kernel_shape", {2, 2}), list("strides", {2, 2})});
      pool({2, 3, 8, 9}, {list("kernel_shape", {3, 3}), list("strides", {2, 2}), list("pads", {1, 1, 1, 1})});
      pool({2, 3, 8, 9}, {list("kernel_shape", {3, 3}), list("strides", {2, 2}), list("pads", {1, 0, 0, 1})});
      pool({1, 2, 8, 8}, {list("kernel_shape", {3, 3}), list("strides", {2, 2}), number("ceil_mode", 1)}, 19);
      pool({1, 2, 7, 8}, {list("kernel_shape", {3, 2}), list("strides", {3, 3}), list("pads", {1, 1, 1, 1}), number("ceil_mode", 1)}, 19);
      pool({1, 2, 8, 9}, {list("kernel_shape", {3, 3}), list("strides", {2, 3}), word("auto_pad", "SAME_UPPER")});
      pool({1, 2, 8, 9}, {list("kernel_shape", {4, 2}), list("strides", {2, 2}), word("auto_pad", "SAME_LOWER")});
      pool({1, 2, 8, 9}, {list("kernel_shape", {4, 2}), list("strides", {2, 2}), word("auto_pad", "VALID")});
      pool({2, 3, 11}, {list("kernel_shape", {3}), list("strides", {2}), list("pads", {1, 2})});
      pool({1, 2, 5, 6, 7}, {list("kernel_shape", {2, 3, 3}), list("pads", {0, 1, 1, 1, 1, 0})});
      pool({1, 2, 9, 9}, {list("kernel_shape", {3, 2}), list("dilations", {2, 3}), list("pads", {1, 1, 1, 1})}, 19);
    }
  }
  return all;
}

}  // namespace fair::test
