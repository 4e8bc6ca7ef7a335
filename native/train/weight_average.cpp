#include "native/train/weight_average.h"

#include <algorithm>
#include <utility>

namespace fair::train {

WeightAverage::WeightAverage(std::vector<NamedTensor> tensors, double decay) : tensors_(std::move(tensors)), decay_(decay) {
  for (const NamedTensor& t : tensors_) shadow_.push_back(t.value.detach().clone());
}

void WeightAverage::follow(std::int64_t step) {
  const double keep = std::min(decay_, static_cast<double>(step + 1) / static_cast<double>(step + 10));
  for (std::size_t i = 0; i < shadow_.size(); ++i) shadow_[i].lerp_(tensors_[i].value.detach(), 1.0 - keep);
}

void WeightAverage::swap() {
  for (std::size_t i = 0; i < shadow_.size(); ++i) {
    const at::Tensor now = tensors_[i].value.detach().clone();
    tensors_[i].value.detach().copy_(shadow_[i]);
    shadow_[i].copy_(now);
  }
}

std::vector<NamedTensor> WeightAverage::state() const {
  std::vector<NamedTensor> out;
  for (std::size_t i = 0; i < shadow_.size(); ++i) out.push_back({tensors_[i].name + "/average", shadow_[i]});
  return out;
}

}  // namespace fair::train
