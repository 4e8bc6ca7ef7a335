// The blocks YOLO11 is made of. Each takes and gives values by name; `path` is the block's module path in the published weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/onnx/builder.h"

namespace fair::yolo11n_detection {

/// A value and its channels.
struct Feature {
  std::string value;
  std::int64_t channels = 0;
};

class Blocks {
 public:
  explicit Blocks(onnx::Builder& builder) : b_(builder) {}

  struct UnitShape {
    std::int64_t kernel = 1, stride = 1, groups = 1;
    bool activation = true;
  };
  /// Convolution, batch normalisation and, unless left out, SiLU.
  Feature unit(const std::string& path, const Feature& x, std::int64_t out, const UnitShape& shape);
  /// Two 3 × 3 units with `hidden` channels between them, added to what went in.
  Feature bottleneck(const std::string& path, const Feature& x, std::int64_t hidden);
  /// A cross-stage block of two bottlenecks beside a 1 × 1 unit.
  Feature c3k(const std::string& path, const Feature& x);
  /// Splits, runs `repeats` inner blocks one after the other and joins all that came about. `inner` is C3k where `deep`, else a bottleneck.
  Feature c3k2(const std::string& path, const Feature& x, std::int64_t out, int repeats, bool deep, double expansion);
  /// Spatial pyramid pooling: the same 5 × 5 maximum once, twice and three times.
  Feature sppf(const std::string& path, const Feature& x, std::int64_t out);
  /// Splits, lets one half attend to itself `repeats` times and joins.
  Feature c2psa(const std::string& path, const Feature& x, int repeats);

  Feature join(const std::string& name, const std::vector<Feature>& parts);
  Feature enlarge(const std::string& name, const Feature& x);
  /// The batch, channels, height and width of `x` as a value.
  std::string shape_of(const std::string& name, const std::string& x);
  std::string reshape(const std::string& name, const std::string& x, const std::string& shape);
  std::string op(const std::string& name, const char* type, std::vector<std::string> inputs, std::vector<onnx::Attribute> attributes = {});
  std::vector<std::string> split(const std::string& name, const std::string& x, const std::vector<std::int64_t>& sizes, std::int64_t axis);

 private:
  Feature attention(const std::string& path, const Feature& x);

  onnx::Builder& b_;
};

}  // namespace fair::yolo11n_detection
