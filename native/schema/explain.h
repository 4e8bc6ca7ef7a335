// From what a JSON Schema validator reports to findings that a person can act on.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/stac/finding.h"

namespace fair::schema {

/// One report of the validator. A oneOf or anyOf without a match has the reports of its branches as details.
struct Fault {
  std::string keyword;   ///< required, enum, type …
  std::string path;      ///< evaluation path, "/oneOf/0/properties/…"
  std::string instance;  ///< JSON pointer into the document
  std::string message;   ///< the validator's own words
  Json expected;         ///< the keyword's value in the schema, null where it could not be found
  std::vector<Fault> details;
};

/// Findings of one schema over one document, each place and fault once. Of alternatives the one that comes nearest is explained.
[[nodiscard]] stac::Findings explain(const std::vector<Fault>& faults, const Json& document, const std::string& schema);

}  // namespace fair::schema
