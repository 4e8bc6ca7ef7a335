#include "core/stac/licence.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fair::stac {
namespace {

enum class Terms { unknown, permissive, passed_on };

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

Terms terms_of(std::string_view licence) {
  static constexpr std::array<std::string_view, 11> permissive{"MIT",  "Apache-", "BSD-",    "ISC",     "Unlicense", "0BSD",
                                                               "CC0-", "CC-BY-4", "CC-BY-3", "ODC-By-", "PDDL-"};
  static constexpr std::array<std::string_view, 10> passed_on{"AGPL-", "GPL-",  "LGPL-",     "MPL-",      "EPL-",
                                                              "EUPL-", "ODbL-", "CC-BY-SA-", "CC-BY-NC-", "CC-BY-NC-SA-"};
  const auto is = [licence](std::string_view known) { return begins(licence, known); };
  if (licence.find(" AND ") != std::string_view::npos || licence.find(" OR ") != std::string_view::npos) return Terms::passed_on;
  if (std::any_of(passed_on.begin(), passed_on.end(), is)) return Terms::passed_on;
  return std::any_of(permissive.begin(), permissive.end(), is) ? Terms::permissive : Terms::unknown;
}

/// True where `licence` is a member of the expression already.
bool holds(const std::string& expression, const std::string& licence) {
  return (" AND " + expression + " AND ").find(" AND " + licence + " AND ") != std::string::npos;
}

}  // namespace

std::string derived_licence(const std::string& weights, const std::string& labels) {
  const Terms of_weights = terms_of(weights);
  const Terms of_labels = terms_of(labels);
  if (of_weights == Terms::unknown || of_labels == Terms::unknown) return "other";
  if (of_labels == Terms::permissive || holds(weights, labels)) return weights;
  if (of_weights == Terms::permissive || holds(labels, weights)) return labels;
  return weights + " AND " + labels;
}

const std::vector<std::string>& base_model_licences() {
  static const std::vector<std::string> known{"AGPL-3.0-only", "Apache-2.0", "BSD-3-Clause", "MIT"};
  return known;
}

std::string licence_note(const std::string& licence) {
  switch (terms_of(licence)) {
    case Terms::permissive: return "use, change and share it; give credit";
    case Terms::passed_on: return "what is made from it stays under the same conditions; read them before sharing";
    case Terms::unknown: break;
  }
  return "terms not known to this program: ask whoever gave it";
}

}  // namespace fair::stac
