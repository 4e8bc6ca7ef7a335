// Graphs of one node, written in one line each, for comparing our kernels with ONNX Runtime's.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "native/onnx/builder.h"

namespace fair::test {

/// An input that does not come from outside.
struct Given {
  onnx::Tensor tensor;  ///< of undefined type: left out
};
[[nodiscard]] Given none();
/// Random numbers from -1 to 1, the same for the same shape.
[[nodiscard]] Given random(std::vector<std::int64_t> shape);
[[nodiscard]] Given reals(std::vector<float> values);
[[nodiscard]] Given real(float value);
[[nodiscard]] Given whole(std::vector<std::int64_t> values);
[[nodiscard]] Given whole_at(std::vector<std::int64_t> shape, std::vector<std::int64_t> values);
[[nodiscard]] Given whole_number(std::int64_t value);
[[nodiscard]] Given truths(std::vector<std::int64_t> shape, std::vector<bool> values);

[[nodiscard]] inline onnx::Attribute number(std::string name, std::int64_t value) { return onnx::integer_attribute(std::move(name), value); }
[[nodiscard]] inline onnx::Attribute list(std::string name, std::vector<std::int64_t> values) {
  return onnx::integers_attribute(std::move(name), std::move(values));
}
[[nodiscard]] inline onnx::Attribute factor(std::string name, float value) { return onnx::real_attribute(std::move(name), value); }
[[nodiscard]] inline onnx::Attribute word(std::string name, std::string value) { return onnx::text_attribute(std::move(name), std::move(value)); }

struct OperatorCase {
  std::string op;
  std::int64_t opset;
  std::vector<std::int64_t> x;     ///< shape of what is fed
  std::vector<Given> others = {};  ///< the other inputs, in their order
  std::vector<onnx::Attribute> attributes = {};
  // What few need; the functions below set it.
  std::size_t x_at = 0;  ///< the input that is fed
  onnx::ElementType x_as = onnx::ElementType::f32;
  std::size_t outputs = 1;
  float low = -2, high = 2;  ///< of what is fed
  bool gradient = true;      ///< has one with respect to x

  [[nodiscard]] OperatorCase at(std::size_t input) const;
  [[nodiscard]] OperatorCase giving(std::size_t count) const;
  [[nodiscard]] OperatorCase within(float from, float to) const;
  [[nodiscard]] OperatorCase flat() const;  ///< without a gradient
  /// Fed whole numbers of that type, `from` included, `to` not; without a gradient.
  [[nodiscard]] OperatorCase whole(float from, float to, onnx::ElementType type = onnx::ElementType::i64) const;
};
void PrintTo(const OperatorCase& c, std::ostream* out);

[[nodiscard]] onnx::Model model_of(const OperatorCase& c);

[[nodiscard]] std::vector<OperatorCase> window_cases();
[[nodiscard]] std::vector<OperatorCase> resize_cases();
[[nodiscard]] std::vector<OperatorCase> value_cases();
[[nodiscard]] std::vector<OperatorCase> shape_cases();

}  // namespace fair::test
