#include "native/onnx/builder.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "native/onnx/counter_random.h"

namespace fair::onnx {

Attribute integer_attribute(std::string name, std::int64_t value) {
  Attribute a;
  a.name = std::move(name);
  a.type = Attribute::Type::integer;
  a.i = value;
  return a;
}

Attribute integers_attribute(std::string name, std::vector<std::int64_t> values) {
  Attribute a;
  a.name = std::move(name);
  a.type = Attribute::Type::integers;
  a.ints = std::move(values);
  return a;
}

Attribute real_attribute(std::string name, float value) {
  Attribute a;
  a.name = std::move(name);
  a.type = Attribute::Type::real;
  a.f = value;
  return a;
}

Attribute text_attribute(std::string name, std::string value) {
  Attribute a;
  a.name = std::move(name);
  a.type = Attribute::Type::text;
  a.s = std::move(value);
  return a;
}

Builder::Builder(std::string name, std::int64_t opset, std::uint64_t seed) : seed_(seed) {
  model_.graph.name = std::move(name);
  model_.opsets.push_back(Opset{"", opset});
  model_.producer = "fair-edge";
}

std::string Builder::input(const std::string& name, std::vector<Dimension> shape) {
  ValueInfo v;
  v.name = name;
  v.type = ElementType::f32;
  v.shape = std::move(shape);
  model_.graph.inputs.push_back(std::move(v));
  return name;
}

void Builder::output(const std::string& value, std::vector<Dimension> shape) {
  ValueInfo v;
  v.name = value;
  v.type = ElementType::f32;
  v.shape = std::move(shape);
  model_.graph.outputs.push_back(std::move(v));
}

std::string Builder::weight(const std::string& name, std::vector<std::int64_t> dims, double deviation) {
  std::int64_t n = 1;
  for (const auto d : dims) n *= d;
  // A stream of its own a tensor: adding a layer changes no other layer's start.
  const CounterRandom random(seed_, CounterRandom::stream_of(name));
  std::vector<float> values(static_cast<std::size_t>(n));
  const auto fill = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) values[i] = static_cast<float>(deviation * random.normal(i));
  };
  // Every number has its address, so threads change none of them. Below some ten thousand a thread costs more than it saves.
  const std::size_t cores = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  const std::size_t parts = values.size() < (std::size_t{1} << 16U) ? 1 : cores, step = (values.size() + parts - 1) / parts;
  std::vector<std::thread> threads;
  for (std::size_t from = step; from < values.size(); from += step) threads.emplace_back(fill, from, std::min(from + step, values.size()));
  fill(0, std::min(step, values.size()));
  for (std::thread& thread : threads) thread.join();
  model_.graph.initializers.push_back(Tensor::of(name, std::move(dims), values));
  return name;
}

std::string Builder::filled(const std::string& name, std::int64_t n, float value) {
  model_.graph.initializers.push_back(Tensor::of(name, {n}, std::vector<float>(static_cast<std::size_t>(n), value)));
  return name;
}

std::string Builder::node(Node n) {
  if (n.outputs.empty()) n.outputs.push_back(n.name);
  std::string out = n.outputs.front();
  model_.graph.nodes.push_back(std::move(n));
  return out;
}

std::string Builder::conv(const std::string& path, const std::string& x, const ConvShape& s, double gain, float bias) {
  const std::int64_t in = s.in / s.groups;
  const double deviation = gain * std::sqrt(2.0 / static_cast<double>(in * s.kernel * s.kernel));
  Node n;
  n.name = "/" + path;
  n.op = "Conv";
  n.inputs = {x, weight(path + ".weight", {s.out, in, s.kernel, s.kernel}, deviation)};
  if (s.bias) n.inputs.push_back(filled(path + ".bias", s.out, bias));
  const auto pad = s.kernel / 2;
  n.attributes = {integers_attribute("dilations", {1, 1}), integer_attribute("group", s.groups),
                  integers_attribute("kernel_shape", {s.kernel, s.kernel}), integers_attribute("pads", {pad, pad, pad, pad}),
                  integers_attribute("strides", {s.stride, s.stride})};
  return node(std::move(n));
}

std::string Builder::batch_norm(const std::string& path, const std::string& x, std::int64_t channels, float scale, float epsilon, float momentum) {
  Node n;
  n.name = "/" + path;
  n.op = "BatchNormalization";
  n.inputs = {x, filled(path + ".weight", channels, scale), filled(path + ".bias", channels, 0.0F), filled(path + ".running_mean", channels, 0.0F),
              filled(path + ".running_var", channels, 1.0F)};
  n.attributes = {real_attribute("epsilon", epsilon), real_attribute("momentum", momentum), integer_attribute("training_mode", 0)};
  return node(std::move(n));
}

std::string Builder::relu(const std::string& name, const std::string& x) {
  Node n;
  n.name = "/" + name;
  n.op = "Relu";
  n.inputs = {x};
  return node(std::move(n));
}

std::string Builder::max_pool(const std::string& name, const std::string& x, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
  Node n;
  n.name = "/" + name;
  n.op = "MaxPool";
  n.inputs = {x};
  n.attributes = {integers_attribute("kernel_shape", {kernel, kernel}), integers_attribute("pads", {pad, pad, pad, pad}),
                  integers_attribute("strides", {stride, stride})};
  return node(std::move(n));
}

std::string Builder::global_average_pool(const std::string& name, const std::string& x) {
  Node n;
  n.name = "/" + name;
  n.op = "GlobalAveragePool";
  n.inputs = {x};
  return node(std::move(n));
}

std::string Builder::flatten(const std::string& name, const std::string& x) {
  Node n;
  n.name = "/" + name;
  n.op = "Flatten";
  n.inputs = {x};
  n.attributes = {integer_attribute("axis", 1)};
  return node(std::move(n));
}

std::string Builder::linear(const std::string& path, const std::string& x, std::int64_t in, std::int64_t out, double gain) {
  Node n;
  n.name = "/" + path;
  n.op = "Gemm";
  n.inputs = {x, weight(path + ".weight", {out, in}, gain / std::sqrt(static_cast<double>(in))), filled(path + ".bias", out, 0.0F)};
  n.attributes = {integer_attribute("transB", 1)};
  return node(std::move(n));
}

std::string Builder::add(const std::string& name, const std::string& a, const std::string& b) {
  Node n;
  n.name = "/" + name;
  n.op = "Add";
  n.inputs = {a, b};
  return node(std::move(n));
}

std::string Builder::concat(const std::string& name, const std::vector<std::string>& values) {
  Node n;
  n.name = "/" + name;
  n.op = "Concat";
  n.inputs = values;
  n.attributes = {integer_attribute("axis", 1)};
  return node(std::move(n));
}

std::string Builder::upsample(const std::string& name, const std::string& x, int factor, Resizing how) {
  const std::string scales = "scales_x" + std::to_string(factor);
  if (!model_.graph.initializer(scales)) {
    const auto f = static_cast<float>(factor);
    model_.graph.initializers.push_back(Tensor::of(scales, {4}, std::vector<float>{1.0F, 1.0F, f, f}));
  }
  Node n;
  n.name = "/" + name;
  n.op = "Resize";
  n.inputs = {x, "", scales};
  if (how == Resizing::nearest) {
    n.attributes = {text_attribute("coordinate_transformation_mode", "asymmetric"), text_attribute("mode", "nearest"),
                    text_attribute("nearest_mode", "floor")};
  } else {
    n.attributes = {text_attribute("coordinate_transformation_mode", "half_pixel"), text_attribute("mode", "linear")};
  }
  return node(std::move(n));
}

std::string Builder::depth_to_space(const std::string& name, const std::string& x, std::int64_t block) {
  Node n;
  n.name = "/" + name;
  n.op = "DepthToSpace";
  n.inputs = {x};
  n.attributes = {integer_attribute("blocksize", block), text_attribute("mode", "CRD")};
  return node(std::move(n));
}

std::string Builder::constant(const std::string& name, std::vector<std::int64_t> dims, const std::vector<float>& values) {
  if (!model_.graph.initializer(name)) model_.graph.initializers.push_back(Tensor::of(name, std::move(dims), values));
  return name;
}

std::string Builder::list(const std::string& name, const std::vector<std::int64_t>& values) {
  if (!model_.graph.initializer(name)) model_.graph.initializers.push_back(Tensor::of(name, {static_cast<std::int64_t>(values.size())}, values));
  return name;
}

std::string Builder::identity(const std::string& output_name, const std::string& x) {
  for (auto& n : model_.graph.nodes) {
    for (auto& out : n.outputs) {
      if (out == x) {
        out = output_name;
        for (auto& user : model_.graph.nodes) {
          for (auto& in : user.inputs) {
            if (in == x) in = output_name;
          }
        }
        return output_name;
      }
    }
  }
  Node n;
  n.name = "/" + output_name;
  n.op = "Identity";
  n.inputs = {x};
  n.outputs = {output_name};
  return node(std::move(n));
}

Model Builder::build(const std::string& producer_version) && {
  model_.ir_version = 8;
  model_.producer_version = producer_version;
  return std::move(model_);
}

}  // namespace fair::onnx
