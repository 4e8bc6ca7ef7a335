// Findings as people and programs read them.
#pragma once

#include <string>

#include "core/stac/finding.h"

namespace fair::cli {

/// One paragraph a finding; empty for none.
[[nodiscard]] std::string text_of(const stac::Findings& findings);
[[nodiscard]] Json json_of(const stac::Findings& findings);

}  // namespace fair::cli
