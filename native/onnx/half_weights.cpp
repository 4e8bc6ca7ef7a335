#include "native/onnx/half_weights.h"

#include <cmath>
#include <cstring>

#include "native/onnx/builder.h"

namespace fair::onnx {

std::uint16_t to_half(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
  bits &= 0x7fffffffU;
  if (bits > 0x7f800000U) return static_cast<std::uint16_t>(sign | 0x7e00U);
  if (bits >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);
  if (bits < 0x38800000U) {  // below the smallest normal half: count of 2^-24 steps
    float magnitude = 0;
    std::memcpy(&magnitude, &bits, sizeof magnitude);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(magnitude * 0x1.0p24F)));
  }
  const std::uint32_t odd = (bits >> 13U) & 1U;
  return static_cast<std::uint16_t>(sign | ((bits - 0x38000000U + 0xfffU + odd) >> 13U));
}

float from_half(std::uint16_t half) {
  const std::uint32_t exponent = (half >> 10U) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  float out = 0;
  if (exponent == 0) out = static_cast<float>(fraction) * 0x1.0p-24F;
  else if (exponent == 31) out = fraction ? NAN : INFINITY;
  else out = std::ldexp(static_cast<float>(fraction | 0x400U), static_cast<int>(exponent) - 25);
  return (half & 0x8000U) ? -out : out;
}

Result<std::string> halves_of(std::string_view floats, const std::string& name) {
  std::string out(floats.size() / 2, '\0');
  for (std::size_t i = 0; i < floats.size() / 4; ++i) {
    float value = 0;
    std::memcpy(&value, floats.data() + i * 4, 4);
    if (!(std::fabs(value) <= 65504.0F))
      return fail(Code::invalid, "tensor '" + name + "'", "weights within ±65504", std::to_string(value), "export with f32 weights");
    const auto half = to_half(value);
    std::memcpy(out.data() + i * 2, &half, 2);
  }
  return out;
}

Result<Model> with_half_weights(Model model) {
  std::vector<Node> casts;
  for (auto& t : model.graph.initializers) {
    if (t.type != ElementType::f32 || t.dims.size() < 2) continue;
    FAIR_TRY_ASSIGN(std::string halves, halves_of(t.raw, t.name));
    Node cast;
    cast.name = "/" + t.name + "/f32";
    cast.op = "Cast";
    cast.inputs = {t.name + ".f16"};
    cast.outputs = {t.name};
    cast.attributes = {integer_attribute("to", static_cast<std::int64_t>(ElementType::f32))};
    casts.push_back(std::move(cast));
    t.name += ".f16";
    t.type = ElementType::f16;
    t.raw = std::move(halves);
  }
  model.graph.nodes.insert(model.graph.nodes.begin(), std::make_move_iterator(casts.begin()), std::make_move_iterator(casts.end()));
  return model;
}

}  // namespace fair::onnx
