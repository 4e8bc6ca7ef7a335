#include "plugins/yolo11n_detection/training/blocks.h"

#include <cmath>
#include <utility>

namespace fair::yolo11n_detection {
namespace {

using onnx::ConvShape;

// PyTorch's own start for convolutions, a uniform distribution of variance 1 / (3 fan_in), which the published recipe trains from.
const double start_gain = std::sqrt(1.0 / 6.0);
constexpr float epsilon = 1e-3F;  // as published
// As ONNX counts it. The published 0.97 takes a hundred steps to forget where statistics started: trainings here may have few more in all.
constexpr float momentum = 0.9F;

constexpr std::int64_t attention_head_width = 64;

}  // namespace

std::string Blocks::op(const std::string& name, const char* type, std::vector<std::string> inputs, std::vector<onnx::Attribute> attributes) {
  onnx::Node n;
  n.name = "/" + name;
  n.op = type;
  n.inputs = std::move(inputs);
  n.attributes = std::move(attributes);
  return b_.node(std::move(n));
}

std::vector<std::string> Blocks::split(const std::string& name, const std::string& x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  std::string text = "split";
  for (const std::int64_t size : sizes) text.append("_").append(std::to_string(size));
  onnx::Node n;
  n.name = "/" + name;
  n.op = "Split";
  n.inputs = {x, b_.list(text, sizes)};
  for (std::size_t i = 0; i < sizes.size(); ++i) n.outputs.push_back("/" + name + "_" + std::to_string(i));
  n.attributes = {onnx::integer_attribute("axis", axis)};
  std::vector<std::string> out = n.outputs;
  b_.node(std::move(n));
  return out;
}

std::string Blocks::shape_of(const std::string& name, const std::string& x) { return op(name, "Shape", {x}); }

std::string Blocks::reshape(const std::string& name, const std::string& x, const std::string& shape) { return op(name, "Reshape", {x, shape}); }

Feature Blocks::unit(const std::string& path, const Feature& x, std::int64_t out, const UnitShape& shape) {
  ConvShape conv;
  conv.in = x.channels, conv.out = out, conv.kernel = shape.kernel, conv.stride = shape.stride, conv.groups = shape.groups;
  const auto y = b_.batch_norm(path + ".bn", b_.conv(path + ".conv", x.value, conv, start_gain), out, 1.0F, epsilon, momentum);
  if (!shape.activation) return {y, out};
  return {op(path + ".act", "Mul", {y, op(path + ".act.sigmoid", "Sigmoid", {y})}), out};
}

Feature Blocks::bottleneck(const std::string& path, const Feature& x, std::int64_t hidden) {
  const Feature inner = unit(path + ".cv1", x, hidden, {3, 1, 1, true});
  return {b_.add(path + ".add", x.value, unit(path + ".cv2", inner, x.channels, {3, 1, 1, true}).value), x.channels};
}

Feature Blocks::c3k(const std::string& path, const Feature& x) {
  const std::int64_t hidden = x.channels / 2;
  Feature y = unit(path + ".cv1", x, hidden, {});
  for (int i = 0; i < 2; ++i) y = bottleneck(path + ".m." + std::to_string(i), y, hidden);
  return unit(path + ".cv3", join(path + ".concat", {y, unit(path + ".cv2", x, hidden, {})}), x.channels, {});
}

Feature Blocks::c3k2(const std::string& path, const Feature& x, std::int64_t out, int repeats, bool deep, double expansion) {
  const auto hidden = static_cast<std::int64_t>(static_cast<double>(out) * expansion);
  const auto halves = split(path + ".split", unit(path + ".cv1", x, 2 * hidden, {}).value, {hidden, hidden}, 1);
  std::vector<Feature> parts{{halves[0], hidden}, {halves[1], hidden}};
  for (int i = 0; i < repeats; ++i) {
    const std::string inner = path + ".m." + std::to_string(i);
    parts.push_back(deep ? c3k(inner, parts.back()) : bottleneck(inner, parts.back(), hidden / 2));
  }
  return unit(path + ".cv2", join(path + ".concat", parts), out, {});
}

Feature Blocks::sppf(const std::string& path, const Feature& x, std::int64_t out) {
  std::vector<Feature> parts{unit(path + ".cv1", x, x.channels / 2, {})};
  for (int i = 0; i < 3; ++i) parts.push_back({b_.max_pool(path + ".m." + std::to_string(i), parts.back().value, 5, 1, 2), parts.back().channels});
  return unit(path + ".cv2", join(path + ".concat", parts), out, {});
}

Feature Blocks::attention(const std::string& path, const Feature& x) {
  const std::int64_t heads = x.channels / attention_head_width;
  const std::int64_t value_width = x.channels / heads, key_width = value_width / 2, all = 2 * key_width + value_width;
  const auto qkv = unit(path + ".qkv", x, x.channels + 2 * key_width * heads, {1, 1, 1, false});
  const auto by_head = b_.list("attention_heads_" + std::to_string(heads) + "x" + std::to_string(all), {0, heads, all, -1});
  const auto parts = split(path + ".split", reshape(path + ".heads", qkv.value, by_head), {key_width, key_width, value_width}, 2);
  const auto as_map = shape_of(path + ".shape", x.value);
  const auto values = reshape(path + ".values", parts[2], as_map);
  const auto place = unit(path + ".pe", {values, x.channels}, x.channels, {3, 1, x.channels, false});

  const auto scale =
      b_.constant("attention_scale_" + std::to_string(key_width), {}, std::vector<float>{1.0F / std::sqrt(static_cast<float>(key_width))});
  const std::vector<onnx::Attribute> turn{onnx::integers_attribute("perm", {0, 1, 3, 2})};
  const auto queries = op(path + ".queries", "Transpose", {op(path + ".scaled", "Mul", {parts[0], scale})}, turn);
  const auto weights = op(path + ".softmax", "Softmax", {op(path + ".scores", "MatMul", {queries, parts[1]})}, {onnx::integer_attribute("axis", -1)});
  const auto attended = op(path + ".attended", "MatMul", {parts[2], op(path + ".weights", "Transpose", {weights}, turn)});
  const auto sum = b_.add(path + ".add", reshape(path + ".map", attended, as_map), place.value);
  return unit(path + ".proj", {sum, x.channels}, x.channels, {1, 1, 1, false});
}

Feature Blocks::c2psa(const std::string& path, const Feature& x, int repeats) {
  const std::int64_t hidden = x.channels / 2;
  const auto halves = split(path + ".split", unit(path + ".cv1", x, 2 * hidden, {}).value, {hidden, hidden}, 1);
  Feature y{halves[1], hidden};
  for (int i = 0; i < repeats; ++i) {
    const std::string inner = path + ".m." + std::to_string(i);
    y.value = b_.add(inner + ".add1", y.value, attention(inner + ".attn", y).value);
    const auto wide = unit(inner + ".ffn.0", y, 2 * hidden, {});
    y.value = b_.add(inner + ".add2", y.value, unit(inner + ".ffn.1", wide, hidden, {1, 1, 1, false}).value);
  }
  return unit(path + ".cv2", join(path + ".concat", {{halves[0], hidden}, y}), x.channels, {});
}

Feature Blocks::join(const std::string& name, const std::vector<Feature>& parts) {
  Feature out;
  std::vector<std::string> values;
  for (const Feature& part : parts) {
    values.push_back(part.value);
    out.channels += part.channels;
  }
  out.value = b_.concat(name, values);
  return out;
}

Feature Blocks::enlarge(const std::string& name, const Feature& x) {
  return {b_.upsample(name, x.value, 2, onnx::Builder::Resizing::nearest), x.channels};
}

}  // namespace fair::yolo11n_detection
