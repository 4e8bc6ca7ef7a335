// Which licence a model has that was made from others' weights and labels.
#pragma once

#include <string>
#include <vector>

namespace fair::stac {

/// An SPDX expression (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/) that keeps both parents' conditions: those of the weights it
/// was finetuned from and those of the labels it learnt. Permissive terms ask for credit, which the item's links to its parents give; terms that pass
/// on to what is made from the thing (share-alike, copyleft, no commerce) stay. "other", as STAC spells it, where a parent's terms are not known.
[[nodiscard]] std::string derived_licence(const std::string& weights, const std::string& labels);

/// Those that the schema of fAIr's base models knows, by SPDX identifier.
[[nodiscard]] const std::vector<std::string>& base_model_licences();

/// Permissive, passed on, or not known; as a person reads it in a model card.
[[nodiscard]] std::string licence_note(const std::string& licence);

}  // namespace fair::stac
