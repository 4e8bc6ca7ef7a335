#include "core/catalog/resolve.h"

#include <utility>
#include <vector>

#include "core/base/spelling.h"

namespace fair::catalog {
namespace {

tl::unexpected<Error> missing(const char* kind, const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  return fail(Code::not_found, name, std::string("a ") + kind + " of this catalogue",
              known.empty() ? "none is registered" : "no such " + std::string(kind), near.empty() ? "see fair list" : "did you mean " + near + "?");
}

}  // namespace

Result<Found> find_model(CatalogStore& store, const std::string& name) {
  std::vector<std::string> known;
  std::vector<Found> all;
  for (const char* const collection : {local_models, base_models}) {
    FAIR_TRY_ASSIGN(std::vector<stac::Item> items, store.items(collection));
    for (stac::Item& item : items) {
      known.push_back(item.id());
      if (!item.text("mlm:name").empty()) known.push_back(item.text("mlm:name"));
      all.push_back({collection, std::move(item)});
    }
  }
  for (const Found& found : all) {
    if (found.item.id() == name) return found;
  }
  for (const Found& found : all) {
    if (!found.item.deprecated() && found.item.text("mlm:name") == name) return found;
  }
  for (const Found& found : all) {
    if (found.item.text("mlm:name") + "-v" + found.item.version() == name || (!name.empty() && found.item.text("fair:version_uuid") == name))
      return found;
  }
  return missing("model", name, known);
}

Result<stac::Item> find_dataset(CatalogStore& store, const std::string& name) {
  FAIR_TRY_ASSIGN(const std::vector<stac::Item> items, store.items(datasets));
  std::vector<std::string> known;
  for (const stac::Item& item : items) {
    if (item.id() == name) return item;
    known.push_back(item.id());
  }
  for (const stac::Item& item : items) {
    if (!item.deprecated() && item.text("title") == name) return item;
  }
  return missing("dataset", name, known);
}

}  // namespace fair::catalog
