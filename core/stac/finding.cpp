#include "core/stac/finding.h"

#include <algorithm>

namespace fair::stac {

Json Finding::to_json() const {
  return {{"severity", severity == Severity::error ? "error" : "warning"}, {"pointer", pointer}, {"rule", rule}, {"found", found}, {"hint", hint}};
}

bool acceptable(const Findings& findings) {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& f) { return f.severity == Severity::error; });
}

}  // namespace fair::stac
