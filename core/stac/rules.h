// fAIr's own rules for items, as types rather than schemas; every finding at once. Schemas are checked natively (native/schema).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/stac/finding.h"
#include "core/stac/item.h"
#include "core/stac/vocabulary.h"

namespace fair::stac {

/// What a document describes to fAIr.
enum class Kind { base_model, local_model, dataset, other };
[[nodiscard]] const char* name(Kind kind);
/// By fAIr's extension it declares, else by its fields.
[[nodiscard]] Kind kind_of(const Item& item);

struct RuleOptions {
  const Vocabulary* vocabulary = &Vocabulary::fair();
  bool published = false;  ///< about to be published: relative asset hrefs that climb out of the item's folder are errors for datasets too
};

/// All findings of one item, in the order of the rules; empty where it is right. Never fails: whatever the item holds is a finding.
[[nodiscard]] Findings validate(const Item& item, std::optional<Kind> kind = {}, const RuleOptions& options = {});

/// The same for any STAC document: item, collection or catalogue. What is no STAC document gives one finding that says so.
[[nodiscard]] Findings validate_document(const Json& document, const RuleOptions& options = {});

/// True where an id can be a file's and a folder's name on every system and a step of a URL: letters, digits, '.', '_', '-', ' ' and letters beyond
/// ASCII, at most 200 bytes, not starting with '.' or ending in '.' or ' '.
[[nodiscard]] bool safe_id(std::string_view id);

/// True where a model may be called that: MLM's mlm:name begins with a letter, has letters, digits, '_', '.', '-' and spaces, ends with a letter or a
/// digit and has at least three characters; and it is a safe_id.
[[nodiscard]] bool model_name(std::string_view name);

/// True where a "..", also percent-encoded, would leave the folder the href starts in (or the root of its host).
[[nodiscard]] bool climbs_out(std::string_view href);

}  // namespace fair::stac
