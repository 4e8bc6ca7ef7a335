// One hyper-parameter's own rules: reading its spec entry and judging a value.
#pragma once

#include <string>
#include <string_view>

#include "core/run/hyperparameters.h"

namespace fair::run {

/// `key` without "training." or "inference.".
[[nodiscard]] std::string_view bare(std::string_view key);
/// The group a prefix names, or nothing.
[[nodiscard]] std::optional<Group> group_of(std::string_view key);

/// Reads an entry of fair:hyperparameters_spec (all but group and value). `thing` names it.
[[nodiscard]] Result<Parameter> parameter_of(const Json& entry, const std::string& thing);

/// "a whole number from 1 to 500", "one of AdamW, Adam, SGD".
[[nodiscard]] std::string expectation(const Parameter& parameter);

/// The value as the parameter's type has it, or an error of `code` naming `thing`.
[[nodiscard]] Result<Json> judged(const Parameter& parameter, const Json& value, const std::string& thing, Code code = Code::usage);

/// The same from text as a person types it: 1e-4, true, AdamW.
[[nodiscard]] Result<Json> read(const Parameter& parameter, std::string_view text, const std::string& thing);

}  // namespace fair::run
