// What training of a classifier makes small.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::train {

/// One logit: binary cross-entropy, PyTorch's BCEWithLogitsLoss with pos_weight. Several: cross-entropy with a weight a class, or, where it is asked
/// for, binary cross-entropy with one-hot targets.
struct ClassificationLoss {
  bool binary = true;
  at::Tensor weights;  ///< one logit: pos_weight (1); several: one a class; undefined for none

  /// `logits` (batch, channels), `labels` i64 (batch): places of classes. A scalar with gradient.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& logits, const at::Tensor& labels) const;

  /// "BCEWithLogitsLoss" or "CrossEntropyLoss"; with one logit both mean the binary one. `balanced`: every class counts the same in all, given how
  /// often it occurs; one that never does counts as if there were no weights.
  [[nodiscard]] static Result<ClassificationLoss> from(const std::string& name, std::int64_t channels, const std::vector<std::int64_t>& occurring,
                                                       bool balanced);
};

}  // namespace fair::train
