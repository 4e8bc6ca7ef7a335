// What validation and compatibility say: one finding a fault, all at once.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::stac {

enum class Severity { error, warning };

/// One fault of one document. Text parts are plain UTF-8 sentences without a full stop.
struct Finding {
  Severity severity = Severity::error;
  std::string pointer;  ///< JSON pointer (RFC 6901) into the document; "" is the whole
  std::string rule;     ///< stable name: "schema:<uri>", "fair.keywords-vocabulary" …
  std::string found;    ///< what stands there
  std::string hint;     ///< what to do

  [[nodiscard]] Json to_json() const;
};

using Findings = std::vector<Finding>;

/// True when no finding is an error.
[[nodiscard]] bool acceptable(const Findings& findings);

}  // namespace fair::stac
