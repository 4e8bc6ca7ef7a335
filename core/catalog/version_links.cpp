#include "core/catalog/version_links.h"

namespace fair::catalog {

std::string linked(const stac::Item& item, const std::string& rel) {
  const auto link = item.link(rel);
  if (!link) return {};
  const std::size_t slash = link->href.rfind('/');
  std::string id = slash == std::string::npos ? link->href : link->href.substr(slash + 1);
  if (id.size() > 5 && id.compare(id.size() - 5, 5, ".json") == 0) id.resize(id.size() - 5);
  return id;
}

void point(stac::Item& item, const std::string& rel, const std::string& id) {
  if (id.empty()) item.remove_links(rel);
  else item.set_link({rel, "../" + id + "/" + id + ".json", "application/geo+json", ""});
}

}  // namespace fair::catalog
