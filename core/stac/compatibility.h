// Do a model and a dataset fit each other? Asked before every finetuning.
#pragma once

#include <string>
#include <vector>

#include "core/stac/item.h"
#include "core/stac/vocabulary.h"

namespace fair::stac {

/// One thing that was looked at. Text parts are sentences without a full stop.
struct Reason {
  enum class Verdict { holds, warns, fails } verdict = Verdict::holds;
  std::string rule;  ///< stable name: "shared-feature", "tasks", "geometry", "classes", "vocabulary", "deprecated"
  std::string text;  ///< what was seen on both sides
  std::string hint;  ///< what to do; "" where it holds
};

/// The verdict and every reason for and against it.
struct Compatibility {
  std::vector<Reason> reasons;

  /// True when no reason fails.
  [[nodiscard]] bool compatible() const;
  /// {"compatible": bool, "reasons": [{"verdict", "rule", "text", "hint"}]}
  [[nodiscard]] Json to_json() const;
  /// Code::incompatible with every failing reason in its `found`, naming `thing`; nothing where they fit.
  [[nodiscard]] Result<> require(const std::string& thing) const;
};

/// As fAIr decides it, and stricter: both items' keywords lie in the vocabulary; they share a keyword that names a feature (a task or geometry in
/// common is not enough); a task of the model is, mapped, a task of the labels; geometry keywords, where both have them, share one; the labels know
/// at least one of the model's foreground classes. Deprecated items and classes without labels are warned of.
[[nodiscard]] Compatibility compatible(const Item& model, const Item& dataset, const Vocabulary& vocabulary = Vocabulary::fair());

}  // namespace fair::stac
