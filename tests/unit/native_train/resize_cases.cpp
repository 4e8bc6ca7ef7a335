// Resize in all its modes, and sampling.
#include "tests/unit/native_train/operator_case.h"

namespace fair::test {
namespace {

using C = OperatorCase;
using Attributes = std::vector<onnx::Attribute>;

C by_scales(std::int64_t opset, std::vector<float> scales, Attributes attributes, std::vector<std::int64_t> x = {1, 2, 5, 6}) {
  // Up to operator set 11 the region was no optional input.
  return C{"Resize", opset, std::move(x), {opset < 13 ? reals({}) : none(), reals(std::move(scales))}, std::move(attributes)};
}
C by_sizes(std::int64_t opset, std::vector<std::int64_t> sizes, Attributes attributes, std::vector<std::int64_t> x = {1, 2, 5, 6}) {
  return C{"Resize", opset, std::move(x), {none(), none(), whole(std::move(sizes))}, std::move(attributes)};
}

}  // namespace

std::vector<OperatorCase> resize_cases() {
  std::vector<C> all;
  const auto transform = [](const std::string& name) { return word("coordinate_transformation_mode", name); };
  for (const std::string name : {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"}) {
    const std::int64_t opset = name == "half_pixel_symmetric" ? 19 : 13;
    for (const std::string rounding : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
      // Half-way positions of half_pixel_symmetric are decided by the last bit of how its formula is written: none of them here.
      const bool symmetric = name == "half_pixel_symmetric";
      for (const auto& scales :
           {std::vector<float>{1, 1, 2, 2}, {1, 1, symmetric ? 1.6F : 1.7F, symmetric ? 2.4F : 2.3F}, {1, 1, symmetric ? 0.45F : 0.6F, 0.5F}})
        all.push_back(by_scales(opset, scales, {word("mode", "nearest"), transform(name), word("nearest_mode", rounding)}));
      all.push_back(by_sizes(opset, {1, 2, 8, 3}, {word("mode", "nearest"), transform(name), word("nearest_mode", rounding)}));
    }
    for (const std::string mode : {"linear", "cubic"}) {
      for (const auto& scales : {std::vector<float>{1, 1, 2, 2}, {1, 1, 1.7F, 2.3F}, {1, 1, 0.6F, 0.5F}, {1, 1, 1, 3}})
        all.push_back(by_scales(opset, scales, {word("mode", mode), transform(name)}));
      all.push_back(by_sizes(opset, {1, 2, 8, 3}, {word("mode", mode), transform(name)}));
      all.push_back(by_sizes(opset, {1, 2, 1, 4}, {word("mode", mode), transform(name)}));
    }
  }
  const auto cubic = word("mode", "cubic");
  const auto linear = word("mode", "linear");
  all.push_back(by_scales(13, {1, 1, 1.7F, 2.3F}, {cubic, factor("cubic_coeff_a", -0.5F)}));
  all.push_back(by_scales(13, {1, 1, 1.7F, 2.3F}, {cubic, number("exclude_outside", 1)}));
  all.push_back(by_scales(13, {1, 1, 0.6F, 0.5F}, {cubic, number("exclude_outside", 1), transform("asymmetric")}));
  all.push_back(by_scales(11, {1, 1, 2, 2}, {word("mode", "nearest"), transform("tf_half_pixel_for_nn"), word("nearest_mode", "floor")}));
  all.push_back(by_scales(11, {1, 1, 1.5F, 0.5F}, {linear}));
  all.push_back(by_scales(13, {1, 1.5F, 0.5F}, {linear}, {2, 4, 6}));
  all.push_back(by_scales(13, {2, 3}, {linear}, {3, 4}));
  all.push_back(by_scales(13, {1, 1, 2, 1.5F, 0.5F}, {linear}, {1, 2, 3, 4, 6}));
  all.push_back(by_scales(13, {1, 1, 2, 1.5F, 0.5F}, {word("mode", "nearest")}, {1, 2, 3, 4, 6}));
  all.push_back(by_scales(13, {1, 2, 2, 1}, {linear}, {1, 3, 4, 2}));  // channels last
  for (const auto& mode : {linear, cubic}) {
    for (const auto& scales : {std::vector<float>{1, 1, 0.6F, 0.5F}, {1, 1, 0.35F, 0.8F}, {1, 1, 2, 1.5F}, {1, 1, 0.4F, 2}}) {
      all.push_back(by_scales(18, scales, {mode, number("antialias", 1)}, {1, 2, 9, 8}));
      all.push_back(by_scales(18, scales, {mode, number("antialias", 1), number("exclude_outside", 1)}, {1, 2, 9, 8}));
      all.push_back(by_scales(18, scales, {mode, number("antialias", 1), transform("align_corners")}, {1, 2, 9, 8}));
    }
  }
  for (const std::string policy : {"stretch", "not_larger", "not_smaller"}) {
    for (const auto& mode : {linear, cubic, word("mode", "nearest")}) {
      all.push_back(by_sizes(18, {8, 7}, {mode, word("keep_aspect_ratio_policy", policy), list("axes", {2, 3})}));
      all.push_back(by_sizes(18, {3, 4}, {mode, word("keep_aspect_ratio_policy", policy), list("axes", {3, 2})}));
    }
  }
  all.push_back(by_scales(18, {2, 0.5F}, {linear, list("axes", {3, 2})}));
  all.push_back(by_sizes(18, {3, 4}, {linear, list("axes", {-2, -1})}));
  all.push_back(by_scales(18, {1.6F}, {word("mode", "nearest"), list("axes", {3})}));
  for (const auto& mode : {linear, cubic, word("mode", "nearest")}) {
    const auto region = reals({0, 0, 0.2F, -0.1F, 1, 1, 0.9F, 1.2F});
    const auto crop = transform("tf_crop_and_resize");
    all.push_back(C{"Resize", 13, {1, 2, 5, 6}, {region, none(), whole({1, 2, 4, 7})}, {mode, crop, factor("extrapolation_value", 9.5F)}});
    all.push_back(C{"Resize", 13, {1, 2, 5, 6}, {region, reals({1, 1, 0.6F, 1.4F})}, {mode, crop}});
  }
  all.push_back(C{"Upsample", 9, {1, 2, 3, 4}, {reals({1, 1, 2, 3})}, {word("mode", "nearest")}});
  all.push_back(C{"Upsample", 9, {1, 2, 3, 4}, {reals({1, 1, 2, 2})}, {word("mode", "linear")}});

  const auto places = random({1, 4, 3, 2});
  for (const std::string mode : {"bilinear", "nearest", "bicubic"}) {
    for (const std::string padding : {"zeros", "border", "reflection"}) {
      for (const std::int64_t aligned : {0, 1})
        all.push_back(
            C{"GridSample", 16, {1, 2, 5, 6}, {places}, {word("mode", mode), word("padding_mode", padding), number("align_corners", aligned)}});
    }
  }
  all.push_back(C{"GridSample", 20, {1, 2, 3, 4, 5}, {random({1, 2, 3, 2, 3})}, {word("mode", "linear")}});
  return all;
}

}  // namespace fair::test
