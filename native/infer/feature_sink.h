// Where finished features go: GeoJSON, FlatGeobuf, GeoPackage, a test's vector.
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/vector/geometry.h"

namespace fair::infer {

/// Called from one thread. Nothing is visible before `finish`; a sink destroyed unfinished leaves nothing behind.
class FeatureSink {
 public:
  virtual ~FeatureSink() = default;
  /// Takes the features in the order they shall stand in the output.
  virtual Result<> write(std::vector<vector::Feature>&& features) = 0;
  /// Completes the output and makes it visible, once.
  virtual Result<> finish() = 0;
};

}  // namespace fair::infer
