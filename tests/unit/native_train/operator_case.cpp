#include "tests/unit/native_train/operator_case.h"

#include "native/onnx/counter_random.h"

namespace fair::test {

Given none() { return {}; }

Given random(std::vector<std::int64_t> shape) {
  std::size_t n = 1;
  for (const auto size : shape) n *= static_cast<std::size_t>(size);
  const onnx::CounterRandom dice(n, 7);
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(2 * dice.uniform(i) - 1);
  return {onnx::Tensor::of("", std::move(shape), values)};
}

Given reals(std::vector<float> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return {onnx::Tensor::of("", {n}, values)};
}

Given real(float value) { return {onnx::Tensor::of("", {}, std::vector<float>{value})}; }

Given whole(std::vector<std::int64_t> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return {onnx::Tensor::of("", {n}, values)};
}

Given whole_at(std::vector<std::int64_t> shape, std::vector<std::int64_t> values) { return {onnx::Tensor::of("", std::move(shape), values)}; }

Given whole_number(std::int64_t value) { return {onnx::Tensor::of("", {}, std::vector<std::int64_t>{value})}; }

Given truths(std::vector<std::int64_t> shape, std::vector<bool> values) {
  onnx::Tensor t;
  t.type = onnx::ElementType::boolean;
  t.dims = std::move(shape);
  for (const bool value : values) t.raw += static_cast<char>(value ? 1 : 0);
  return {t};
}

OperatorCase OperatorCase::at(std::size_t input) const {
  auto out = *this;
  out.x_at = input;
  return out;
}
OperatorCase OperatorCase::giving(std::size_t count) const {
  auto out = *this;
  out.outputs = count;
  return out;
}
OperatorCase OperatorCase::within(float from, float to) const {
  auto out = *this;
  out.low = from;
  out.high = to;
  return out;
}
OperatorCase OperatorCase::flat() const {
  auto out = *this;
  out.gradient = false;
  return out;
}
OperatorCase OperatorCase::whole(float from, float to, onnx::ElementType type) const {
  auto out = within(from, to).flat();
  out.x_as = type;
  return out;
}

void PrintTo(const OperatorCase& c, std::ostream* out) {
  *out << c.op << " opset " << c.opset;
  for (const auto& a : c.attributes) {
    *out << " " << a.name << "=" << a.s;
    if (a.type == onnx::Attribute::Type::integer) *out << a.i;
    if (a.type == onnx::Attribute::Type::real) *out << a.f;
    for (const auto v : a.ints) *out << v << ",";
  }
}

onnx::Model model_of(const OperatorCase& c) {
  onnx::Builder b("one_node", c.opset, 1);
  std::vector<onnx::Dimension> free;
  for (std::size_t i = 0; i < c.x.size(); ++i) free.push_back({-1, "d" + std::to_string(i)});
  auto x = b.input("x", free);
  const auto cast = [&b](const std::string& name, const std::string& from, onnx::ElementType to) {
    onnx::Node n;
    n.name = name;
    n.op = "Cast";
    n.inputs = {from};
    n.attributes = {onnx::integer_attribute("to", static_cast<std::int64_t>(to))};
    return b.node(std::move(n));
  };
  if (c.x_as != onnx::ElementType::f32) x = cast("x_cast", x, c.x_as);
  onnx::Node n;
  n.name = "the_node";
  n.op = c.op;
  n.attributes = c.attributes;
  for (std::size_t i = 0; i < c.outputs; ++i) n.outputs.push_back("y" + std::to_string(i));
  std::vector<onnx::Tensor> initializers;
  for (std::size_t i = 0, next = 0; i <= c.others.size(); ++i) {
    if (i == c.x_at) {
      n.inputs.push_back(x);
      continue;
    }
    auto tensor = c.others[next++].tensor;
    tensor.name = tensor.type == onnx::ElementType::undefined ? "" : "given" + std::to_string(i);
    n.inputs.push_back(tensor.name);
    if (!tensor.name.empty()) initializers.push_back(std::move(tensor));
  }
  b.node(std::move(n));
  for (std::size_t i = 0; i < c.outputs; ++i) b.output(cast("out" + std::to_string(i), "y" + std::to_string(i), onnx::ElementType::f32), {});
  auto model = std::move(b).build("test");
  model.graph.initializers = std::move(initializers);
  for (auto& out : model.graph.outputs) out.shape.reset();
  return model;
}

}  // namespace fair::test
