// Makes ONNX graphs in C++: one call a node, values by name, weights drawn from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::onnx {

struct ConvShape {
  std::int64_t in = 0, out = 0, kernel = 3, stride = 1;
  bool bias = false;
  std::int64_t groups = 1;
};

/// Values are named after the node that makes them; weights after the module path they would have in PyTorch
/// ("encoder.conv1" gives "encoder.conv1.weight"). Pads are written out, never auto_pad (ONNX Runtime Web miscounts it with strides).
class Builder {
 public:
  /// `seed` fixes every weight; the same calls with the same seed give the same file on any machine.
  Builder(std::string name, std::int64_t opset, std::uint64_t seed);

  std::string input(const std::string& name, std::vector<Dimension> shape);
  void output(const std::string& value, std::vector<Dimension> shape);

  /// Weights from N(0, 2 / fan_in) (He's rule for ReLU networks), every bias `bias`. `gain` scales the deviation.
  std::string conv(const std::string& path, const std::string& x, const ConvShape& shape, double gain = 1.0, float bias = 0.0F);
  /// Inference form (training_mode 0), momentum as ONNX counts it. Scale starts at `scale`.
  std::string batch_norm(const std::string& path, const std::string& x, std::int64_t channels, float scale = 1.0F, float epsilon = 1e-5F,
                         float momentum = 0.9F);
  std::string relu(const std::string& name, const std::string& x);
  std::string max_pool(const std::string& name, const std::string& x, std::int64_t kernel, std::int64_t stride, std::int64_t pad);
  /// Means over all pixels, whatever the image's size: (batch, channels, 1, 1).
  std::string global_average_pool(const std::string& name, const std::string& x);
  /// All axes but the first as one.
  std::string flatten(const std::string& name, const std::string& x);
  /// x W^T + b (PyTorch's Linear): weights from N(0, gain² / in), bias zero.
  std::string linear(const std::string& path, const std::string& x, std::int64_t in, std::int64_t out, double gain = 1.0);
  std::string add(const std::string& name, const std::string& a, const std::string& b);
  std::string concat(const std::string& name, const std::vector<std::string>& values);
  enum class Resizing { nearest, linear };
  /// By a whole factor: nearest repeats pixels; linear samples half-pixel centres (PyTorch's align_corners=False).
  std::string upsample(const std::string& name, const std::string& x, int factor, Resizing how);
  /// Blocks of channels become blocks of pixels (mode CRD, PyTorch's pixel_shuffle).
  std::string depth_to_space(const std::string& name, const std::string& x, std::int64_t block);
  /// Gives the last value the name under which the graph hands it out.
  std::string identity(const std::string& output_name, const std::string& x);

  /// A value that never changes, once a name: a second call with the same name gives the first one's.
  std::string constant(const std::string& name, std::vector<std::int64_t> dims, const std::vector<float>& values);
  /// The same for a list of whole numbers: a shape, sizes of parts.
  std::string list(const std::string& name, const std::vector<std::int64_t>& values);

  /// Any other node.
  std::string node(Node node);

  /// The model so far. IR version 8, which every runtime since 2022 reads.
  [[nodiscard]] Model build(const std::string& producer_version) &&;

 private:
  std::string weight(const std::string& name, std::vector<std::int64_t> dims, double deviation);
  std::string filled(const std::string& name, std::int64_t n, float value);

  Model model_;
  std::uint64_t seed_;
};

/// Integer attributes in one call.
[[nodiscard]] Attribute integer_attribute(std::string name, std::int64_t value);
[[nodiscard]] Attribute integers_attribute(std::string name, std::vector<std::int64_t> values);
[[nodiscard]] Attribute real_attribute(std::string name, float value);
[[nodiscard]] Attribute text_attribute(std::string name, std::string value);

}  // namespace fair::onnx
