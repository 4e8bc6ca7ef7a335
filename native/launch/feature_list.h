// Features kept in memory.
#pragma once

#include <iterator>
#include <utility>
#include <vector>

#include "native/infer/feature_sink.h"

namespace fair::launch {

/// Keeps what comes.
class FeatureList final : public infer::FeatureSink {
 public:
  explicit FeatureList(std::vector<vector::Feature>& out) : out_(out) {}
  Result<> write(std::vector<vector::Feature>&& features) override {
    std::move(features.begin(), features.end(), std::back_inserter(out_));
    return {};
  }
  Result<> finish() override { return {}; }

 private:
  std::vector<vector::Feature>& out_;
};

}  // namespace fair::launch
