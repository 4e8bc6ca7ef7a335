#include "core/catalog/lifecycle.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "core/catalog/resolve.h"
#include "core/catalog/version_links.h"
#include "core/stac/rules.h"

namespace fair::catalog {
namespace {

using stac::Item;

int number_of(const Item& item) {
  const std::string text = item.version();
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void touch(Item& item, const std::string& now) { item.properties()["updated"] = now; }

Write put(const char* collection, Item item) {
  Write write;
  write.collection = collection;
  write.id = item.id();
  write.item = std::move(item);
  return write;
}
Write removal(const char* collection, std::string id) {
  Write write;
  write.kind = Write::Kind::remove;
  write.collection = collection;
  write.id = std::move(id);
  return write;
}

Result<> check_id(const Item& item) {
  if (stac::safe_id(item.id())) return {};
  return fail(Code::invalid, "id " + Json(item.id()).dump(), "letters, digits, '.', '_' and '-', not beginning with '.'",
              "an id that can't be a file's name", "rename the item");
}

/// Puts `item` in as the newest of those that `same` recognises.
Result<Item> put_newest(CatalogStore& store, const char* collection, Item item, const std::string& now,
                        const std::function<bool(const Item&)>& same) {
  FAIR_TRY(check_id(item));
  FAIR_TRY_ASSIGN(std::vector<Item> all, store.items(collection));
  const auto active = std::find_if(all.begin(), all.end(), [&](const Item& i) { return !i.deprecated() && same(i); });
  const auto taken = std::find_if(all.begin(), all.end(), [&](const Item& i) { return i.id() == item.id(); });
  if (taken != all.end() && taken != active) {
    return fail(Code::conflict, collection + std::string("/") + item.id(), "an id that is free, or that of the version it follows",
                "another item of that id", "rename the item");
  }
  std::vector<Write> writes;
  if (item.version().empty()) item.properties()["version"] = "1";
  item.set_deprecated(false);
  item.remove_links(successor);
  item.remove_links(predecessor);
  touch(item, now);
  if (!item.property("created").is_string()) item.properties()["created"] = now;
  if (active != all.end()) {
    const std::string was = active->id();
    const std::string kept = was + "-v" + (active->version().empty() ? "1" : active->version());
    if (std::any_of(all.begin(), all.end(), [&](const Item& i) { return i.id() == kept; })) {
      return fail(Code::conflict, collection + std::string("/") + kept, "a free id to keep the former version under", "another item of that id",
                  "rename that item");
    }
    // Whoever pointed at the former version points at where it is kept.
    for (Item& other : all) {
      bool changed = false;
      for (const char* const rel : {predecessor, successor}) {
        if (other.id() != was && linked(other, rel) == was) {
          point(other, rel, kept);
          changed = true;
        }
      }
      if (changed) writes.push_back(put(collection, other));
    }
    item.properties()["version"] = std::to_string(number_of(*active) + 1);
    Item archived = *active;
    archived.set_id(kept);
    archived.set_deprecated(true);
    point(archived, latest, "");
    point(archived, successor, item.id());
    touch(archived, now);
    writes.push_back(put(collection, std::move(archived)));
    if (was != item.id()) writes.push_back(removal(collection, was));
    point(item, predecessor, kept);
  }
  point(item, latest, item.id());
  writes.push_back(put(collection, item));
  FAIR_TRY(store.commit(writes));
  return item;
}

Result<Item> version_item(CatalogStore& store, const std::string& model, const std::string& version) {
  FAIR_TRY_ASSIGN(const std::vector<Item> all, store.items(local_models));
  std::string there;
  for (const Item& item : all) {
    if (item.text("mlm:name") != model) continue;
    if (item.version() == version) return item;
    there += (there.empty() ? "" : ", ") + item.version();
  }
  return fail(Code::not_found, model + " version " + version, "a promoted version",
              there.empty() ? "no promoted version of that model" : "versions " + there, "see fair list and fair runs list");
}

}  // namespace

Result<Item> register_base_model(CatalogStore& store, Item item, const std::string& now) {
  const std::string name = item.text("mlm:name");
  return put_newest(store, base_models, std::move(item), now, [name](const Item& i) { return i.text("mlm:name") == name; });
}

Result<Item> register_dataset(CatalogStore& store, Item item, const std::string& now) {
  const std::string title = item.text("title");
  return put_newest(store, datasets, std::move(item), now, [title](const Item& i) { return i.text("title") == title; });
}

Result<Promotion> promote(CatalogStore& store, Item item, const std::string& now) {
  FAIR_TRY(check_id(item));
  FAIR_TRY_ASSIGN(const std::vector<Item> all, store.items(local_models));
  const std::string name = item.text("mlm:name");
  const auto family = [&](const Item& i) { return i.text("mlm:name") == name; };
  const auto known = std::find_if(all.begin(), all.end(), [&](const Item& i) { return family(i) && i.version() == item.version(); });
  const auto active = std::find_if(all.begin(), all.end(), [&](const Item& i) { return family(i) && !i.deprecated(); });
  if (known != all.end() && known == active) return Promotion{Promotion::Effect::unchanged, *known, ""};

  Promotion promotion;
  std::vector<Write> writes;
  if (known != all.end()) {
    promotion.effect = Promotion::Effect::rolled_back;
    item = *known;
  } else {
    // Its place among the versions that are there: the nearest older one comes before it, the nearest newer one after.
    const Item* older = nullptr;
    const Item* newer = nullptr;
    for (const Item& i : all) {
      if (!family(i)) continue;
      if (number_of(i) < number_of(item) && (older == nullptr || number_of(i) > number_of(*older))) older = &i;
      if (number_of(i) > number_of(item) && (newer == nullptr || number_of(i) < number_of(*newer))) newer = &i;
    }
    point(item, predecessor, older != nullptr ? older->id() : "");
    point(item, successor, newer != nullptr ? newer->id() : "");
    for (const Item* neighbour : {older, newer}) {
      if (neighbour == nullptr || (active != all.end() && neighbour == &*active)) continue;
      Item changed = *neighbour;
      point(changed, neighbour == older ? successor : predecessor, item.id());
      writes.push_back(put(local_models, std::move(changed)));
    }
  }
  if (active != all.end()) {
    Item former = *active;
    former.set_deprecated(true);
    point(former, latest, "");
    if (known == all.end()) point(former, number_of(former) < number_of(item) ? successor : predecessor, item.id());
    touch(former, now);
    promotion.deprecated = former.id();
    writes.push_back(put(local_models, std::move(former)));
  }
  item.set_deprecated(false);
  point(item, latest, item.id());
  touch(item, now);
  writes.push_back(put(local_models, item));
  FAIR_TRY(store.commit(writes));
  promotion.item = std::move(item);
  return promotion;
}

Result<Item> archive(CatalogStore& store, const std::string& model, const std::string& version, const std::string& now) {
  FAIR_TRY_ASSIGN(Item item, version_item(store, model, version));
  if (item.deprecated()) return item;
  item.set_deprecated(true);
  point(item, latest, "");
  touch(item, now);
  FAIR_TRY(store.commit({put(local_models, item)}));
  return item;
}

Result<> remove_version(CatalogStore& store, const std::string& model, const std::string& version, const std::string& now) {
  FAIR_TRY_ASSIGN(const Item gone, version_item(store, model, version));
  FAIR_TRY_ASSIGN(std::vector<Item> all, store.items(local_models));
  std::vector<Write> writes{removal(local_models, gone.id())};
  for (Item& other : all) {
    if (other.id() == gone.id()) continue;
    bool changed = false;
    for (const char* const rel : {predecessor, successor}) {
      if (linked(other, rel) != gone.id()) continue;
      point(other, rel, linked(gone, rel));
      changed = true;
    }
    if (!changed) continue;
    touch(other, now);
    writes.push_back(put(local_models, std::move(other)));
  }
  return store.commit(writes);
}

Result<std::size_t> remove_model(CatalogStore& store, const std::string& model) {
  FAIR_TRY_ASSIGN(const std::vector<Item> all, store.items(local_models));
  std::vector<Write> writes;
  for (const Item& item : all) {
    if (item.text("mlm:name") == model) writes.push_back(removal(local_models, item.id()));
  }
  if (writes.empty()) return fail(Code::not_found, model, "a finetuned model with promoted versions", "none of that name", "see fair list");
  FAIR_TRY(store.commit(writes));
  return writes.size();
}

}  // namespace fair::catalog
