// A model's card: what a person should know before using it, read off its item and its parents'.
#pragma once

#include <string>

#include "core/stac/item.h"

namespace fair::stac {

/// What the model came from; null where that is not known or there is none.
struct Parents {
  const Item* base = nullptr;
  const Item* dataset = nullptr;
};

/// Markdown: what it does, data, metrics, intended use, limits, licences. Only what the items say; what they lack is named as lacking.
/// After Mitchell et al., "Model Cards for Model Reporting" (2019).
[[nodiscard]] std::string model_card(const Item& model, const Parents& parents);

}  // namespace fair::stac
