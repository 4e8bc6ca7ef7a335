#include "native/store/file_catalog.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/stac/catalog_document.h"
#include "core/stac/rules.h"
#include "native/store/lock.h"

namespace fair::store {
namespace {

Result<> check_collection(const std::string& collection) {
  const auto& all = stac::collection_ids;
  if (std::any_of(all.begin(), all.end(), [&](const char* id) { return collection == id; })) return {};
  return fail(Code::not_found, collection, "base-models, local-models or datasets", "another collection", "name one of the three");
}

}  // namespace

std::string FileCatalog::address(const std::string& collection, const std::string& id) const {
  return folder_ + "/" + collection + "/" + id + "/" + id + ".json";
}

Result<std::unique_ptr<FileCatalog>> FileCatalog::create(const std::string& folder, const std::string& now, std::shared_ptr<Files> files) {
  FAIR_TRY(files->make_folder(folder));
  {
    FAIR_TRY_ASSIGN(const auto lock, Lock::take(folder + "/.lock"));
    if (!files->exists(folder + "/catalog.json")) {
      for (const char* const id : stac::collection_ids) {
        FAIR_TRY(files->make_folder(folder + "/" + id));
        FAIR_TRY(replace(*files, folder + "/" + id + "/collection.json", to_text(stac::collection_document(id, now))));
      }
      // Last, so that what has a catalog.json has everything it links.
      FAIR_TRY(replace(*files, folder + "/catalog.json", to_text(stac::catalog_document())));
    }
  }
  return open(folder, std::move(files));
}

Result<std::unique_ptr<FileCatalog>> FileCatalog::open(const std::string& folder, std::shared_ptr<Files> files) {
  if (!files->exists(folder + "/catalog.json")) {
    return fail(Code::not_found, folder, "a catalogue", "no catalog.json", "make one with fair init, or name a workspace with --workspace");
  }
  std::unique_ptr<FileCatalog> catalog(new FileCatalog(folder, std::move(files)));
  if (catalog->files_->exists(folder + "/.journal.json")) {
    FAIR_TRY_ASSIGN(const auto lock, Lock::take(folder + "/.lock"));
    FAIR_TRY(catalog->recover());
  }
  return catalog;
}

Result<Json> FileCatalog::collection_json(const std::string& collection) {
  FAIR_TRY(check_collection(collection));
  const std::string path = folder_ + "/" + collection + "/collection.json";
  FAIR_TRY_ASSIGN(const std::string text, files_->read(path));
  return parse_json(text, path);
}

Result<std::vector<std::string>> FileCatalog::linked_ids(const std::string& collection) {
  FAIR_TRY_ASSIGN(const Json json, collection_json(collection));
  std::vector<std::string> ids;
  if (!json.is_object() || !json.contains("links") || !json["links"].is_array()) return ids;
  for (const Json& link : json["links"]) {
    if (!link.is_object() || link.value("rel", "") != "item") continue;
    // pystac links "./<id>/<id>.json"; the folder's name is the id.
    const std::string href = link.value("href", "");
    const std::size_t end = href.rfind('/');
    if (end == std::string::npos || end == 0) continue;
    const std::size_t start = href.rfind('/', end - 1);
    ids.push_back(href.substr(start == std::string::npos ? 0 : start + 1, end - (start == std::string::npos ? 0 : start + 1)));
  }
  return ids;
}

Result<std::size_t> FileCatalog::fingerprint(const std::string& collection) {
  FAIR_TRY_ASSIGN(const std::vector<std::string> ids, linked_ids(collection));
  std::string all;
  for (const std::string& id : ids) {
    FAIR_TRY_ASSIGN(const std::string text, files_->read(address(collection, id)));
    all += text + '\0';
  }
  return std::hash<std::string>()(all);
}

Result<std::vector<stac::Item>> FileCatalog::items(const std::string& collection) {
  FAIR_TRY_ASSIGN(const std::size_t state, fingerprint(collection));
  FAIR_TRY_ASSIGN(const std::vector<std::string> ids, linked_ids(collection));
  seen_[collection] = state;
  std::vector<stac::Item> all;
  for (const std::string& id : ids) {
    FAIR_TRY_ASSIGN(stac::Item one, item(collection, id));
    all.push_back(std::move(one));
  }
  return all;
}

Result<stac::Item> FileCatalog::item(const std::string& collection, const std::string& id) {
  FAIR_TRY(check_collection(collection));
  if (!stac::safe_id(id)) return fail(Code::not_found, collection + "/" + id, "an item of this catalogue", "no such item", "see fair list");
  const std::string path = address(collection, id);
  const auto text = files_->read(path);
  if (!text && text.error().code == Code::not_found)
    return fail(Code::not_found, collection + "/" + id, "an item of this catalogue", "no such item", "see fair list");
  if (!text) return fail(text.error());
  FAIR_TRY_ASSIGN(Json json, parse_json(*text, path));
  return stac::Item::from_json(std::move(json), path);
}

Result<> FileCatalog::commit(const std::vector<catalog::Write>& writes) {
  FAIR_TRY_ASSIGN(const auto lock, Lock::take(folder_ + "/.lock"));
  FAIR_TRY(recover());
  for (const auto& [collection, state] : seen_) {
    FAIR_TRY_ASSIGN(const std::size_t now, fingerprint(collection));
    if (now == state) continue;
    seen_.clear();
    return fail(Code::conflict, folder_ + "/" + collection, "the documents this was decided on", "documents that another program changed meanwhile",
                "try again");
  }
  seen_.clear();
  Json journal = Json::array();
  for (const catalog::Write& write : writes) {
    FAIR_TRY(check_collection(write.collection));
    if (!stac::safe_id(write.id)) return fail(Code::invalid, write.id, "an id that can be a file's name", "another", "rename the item");
    Json entry{{"collection", write.collection}, {"id", write.id}};
    if (write.kind == catalog::Write::Kind::put) {
      stac::Item placed = write.item;
      stac::place_item(placed, write.collection);
      entry["item"] = placed.json();
    }
    journal.push_back(std::move(entry));
  }
  FAIR_TRY(replace(*files_, folder_ + "/.journal.json", to_text(journal)));
  // From here on it is done, now or at the next opening: what goes wrong in applying it is told, and undoes nothing.
  return recover();
}

Result<> FileCatalog::recover() {
  const std::string path = folder_ + "/.journal.json";
  if (!files_->exists(path)) {
    return files_->remove(path + ".new");
  }
  FAIR_TRY_ASSIGN(const std::string text, files_->read(path));
  FAIR_TRY_ASSIGN(const Json journal, parse_json(text, path));
  FAIR_TRY(apply(journal));
  FAIR_TRY(files_->remove(path));
  return files_->sync_folder(folder_);
}

Result<> FileCatalog::apply(const Json& journal) {
  std::map<std::string, std::vector<const Json*>> by_collection;
  for (const Json& entry : journal) by_collection[entry.at("collection").get<std::string>()].push_back(&entry);
  for (const auto& [collection, entries] : by_collection) {
    const std::string base = folder_ + "/" + collection;
    FAIR_TRY_ASSIGN(std::vector<std::string> ids, linked_ids(collection));
    // Items first, then the collection that links them, then what is linked no more: a reader never follows a link to nothing.
    for (const Json* entry : entries) {
      const auto id = entry->at("id").get<std::string>();
      ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
      if (!entry->contains("item")) continue;
      FAIR_TRY(files_->make_folder(base + "/" + id));
      FAIR_TRY(replace(*files_, address(collection, id), to_text((*entry)["item"])));
      FAIR_TRY(files_->sync_folder(base));
      ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    std::vector<stac::Item> items;
    for (const std::string& id : ids) {
      FAIR_TRY_ASSIGN(stac::Item one, item(collection, id));
      items.push_back(std::move(one));
    }
    FAIR_TRY_ASSIGN(Json json, collection_json(collection));
    stac::set_items(json, items);
    FAIR_TRY(replace(*files_, base + "/collection.json", to_text(json)));
    for (const Json* entry : entries) {
      if (!entry->contains("item")) FAIR_TRY(clear(collection, entry->at("id").get<std::string>()));
    }
  }
  return {};
}

/// Removes a document that is linked no more, and its folder where nobody else keeps something in it.
Result<> FileCatalog::clear(const std::string& collection, const std::string& id) {
  const std::string own = address(collection, id), base = folder_ + "/" + collection, folder = base + "/" + id;
  FAIR_TRY(files_->remove(own));
  FAIR_TRY(files_->remove(own + ".new"));
  FAIR_TRY_ASSIGN(const std::vector<std::string> others, files_->list(folder));
  if (others.empty()) FAIR_TRY(files_->remove(folder));
  return files_->sync_folder(base);
}

}  // namespace fair::store
