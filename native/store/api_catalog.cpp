#include "native/store/api_catalog.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "core/base/field.h"
#include "core/stac/catalog_document.h"
#include "core/stac/rules.h"
#include "native/http/patience.h"
#include "native/runs/process.h"

namespace fair::store {
namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* writers = "fair-writers";
constexpr const char* epoch = "2020-01-01T00:00:00Z";

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// "<id>" of "../<id>/<id>.json", "<collection>/<id>" of "../../<collection>/<id>/<id>.json", as file catalogues link; else "".
std::string linked_path(std::string href) {
  if (href.size() < 5 || href.compare(href.size() - 5, 5, ".json") != 0) return {};
  int up = 0;
  for (; href.rfind("../", 0) == 0; ++up) href.erase(0, 3);
  href.resize(href.size() - 5);
  const std::size_t slash = href.rfind('/');
  if (slash == std::string::npos || up == 0 || up > 2) return {};
  return href.substr(0, slash);
}

/// What an item says, whoever tells it: a journal or the API, which sorts fields, leaves nulls out and adds links of its own.
nlohmann::json substance(const Json& value) {
  if (value.is_object()) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, member] : value.items()) {
      if (!member.is_null() && key != "links") out[key] = substance(member);
    }
    return out;
  }
  if (value.is_array()) {
    nlohmann::json out = nlohmann::json::array();
    for (const Json& element : value) out.push_back(substance(element));
    return out;
  }
  return nlohmann::json::parse(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// A name that no other writer has, for people to recognise too.
std::string holder() {
  std::random_device random;
  return runs::shown(runs::this_process()) + " (" + std::to_string(random()) + ")";
}

}  // namespace

/// One writer's turn, as its item tells it.
struct ApiCatalog::Turn {
  std::int64_t number = 0, beat = 0;
  std::string holder, journal;  ///< journal: JSON text, "" where nothing is to be written
  bool held = true;
  Json by;  ///< the process that holds it, as runs::this_process tells

  [[nodiscard]] std::string id() const { return "turn-" + std::to_string(number); }
  [[nodiscard]] Json item() const {
    return {{"type", "Feature"},
            {"stac_version", "1.1.0"},
            {"stac_extensions", Json::array()},
            {"id", id()},
            {"collection", writers},
            {"geometry", {{"type", "Point"}, {"coordinates", Json::array({0, 0})}}},
            {"bbox", Json::array({0, 0, 0, 0})},
            {"properties",
             {{"datetime", epoch}, {"number", number}, {"beat", beat}, {"holder", holder}, {"held", held}, {"journal", journal}, {"by", by}}},
            {"links", Json::array()},
            {"assets", Json::object()}};
  }
  static std::optional<Turn> from(const Json& item) {
    const auto found = item.find("properties");
    if (found == item.end() || !found->is_object()) return std::nullopt;
    const Json& p = *found;
    Turn turn;
    if (!p.contains("number") || !p["number"].is_number_integer()) return std::nullopt;
    turn.number = p["number"].get<std::int64_t>();
    turn.beat = p.contains("beat") && p["beat"].is_number_integer() ? p["beat"].get<std::int64_t>() : 0;
    turn.holder = text_of(p, "holder");
    turn.journal = text_of(p, "journal");
    turn.held = !p.contains("held") || p["held"] != false;
    if (p.contains("by")) turn.by = p["by"];
    return turn;
  }
};

Result<std::unique_ptr<ApiCatalog>> ApiCatalog::open(const ApiOptions& options) {
  FAIR_TRY_ASSIGN(StacApi api, StacApi::open(options.url, options.authorization));
  return std::unique_ptr<ApiCatalog>(new ApiCatalog(options, std::move(api)));
}

Result<> ApiCatalog::create_collections() const {
  std::vector<Json> wanted;
  for (const char* const id : stac::collection_ids) wanted.push_back(stac::collection_document(id, epoch));
  wanted.push_back(stac::collection_document(writers, epoch));
  wanted.back()["title"] = "Writers of this catalogue";
  wanted.back()["description"] = "Whose turn it is to write: one item a turn. Kept by fAIr-edge; please leave it alone.";
  for (Json& collection : wanted) {
    collection["links"] = Json::array();  // the API makes its own
    FAIR_TRY(api_.create_collection(collection));
  }
  return {};
}

Result<std::vector<ApiCatalog::Turn>> ApiCatalog::turns() const {
  FAIR_TRY_ASSIGN(const auto found, api_.items(writers));
  std::vector<Turn> out;
  for (const Json& item : found) {
    if (auto turn = Turn::from(item)) out.push_back(std::move(*turn));
  }
  std::sort(out.begin(), out.end(), [](const Turn& a, const Turn& b) { return a.number < b.number; });
  return out;
}

Result<Json> ApiCatalog::pending() const {
  FAIR_TRY_ASSIGN(const auto all, turns());
  if (all.empty() || all.back().journal.empty()) return Json{{"turn", all.empty() ? 0 : all.back().number}, {"writes", Json::array()}};
  FAIR_TRY_ASSIGN(Json writes, parse_json(all.back().journal, all.back().id()));
  return Json{{"turn", all.back().number}, {"writes", std::move(writes)}};
}

Result<std::vector<stac::Item>> ApiCatalog::items(const std::string& collection) {
  FAIR_TRY_ASSIGN(Json before, pending());
  for (int attempt = 1;; ++attempt) {
    FAIR_TRY_ASSIGN(auto found, api_.items(collection));
    FAIR_TRY_ASSIGN(Json after, pending());
    if (before != after && attempt < 10) {  // somebody wrote meanwhile: this may be half of it
      before = std::move(after);
      continue;
    }
    std::map<std::string, Json> all;
    for (Json& item : found) {
      std::string id = text_of(item, "id");
      all[std::move(id)] = std::move(item);
    }
    for (const Json& write : after["writes"]) {
      if (text_of(write, "collection") != collection) continue;
      if (write.contains("item")) all[text_of(write, "id")] = write["item"];
      else all.erase(text_of(write, "id"));
    }
    std::vector<stac::Item> out;
    std::string state;
    for (auto& [id, json] : all) {
      state += id + substance(json.value("properties", Json::object())).dump() + substance(json.value("assets", Json::object())).dump() + '\0';
      FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(json), collection + "/" + id));
      out.push_back(std::move(item));
    }
    seen_[collection] = std::hash<std::string>()(state);
    return out;
  }
}

Result<stac::Item> ApiCatalog::item(const std::string& collection, const std::string& id) {
  const auto none = [&] { return fail(Code::not_found, collection + "/" + id, "an item of this catalogue", "no such item", "see fair list"); };
  if (!stac::safe_id(id)) return none();
  FAIR_TRY_ASSIGN(const Json now, pending());
  for (const Json& write : now["writes"]) {
    if (text_of(write, "collection") != collection || text_of(write, "id") != id) continue;
    if (!write.contains("item")) return none();
    return stac::Item::from_json(write["item"], collection + "/" + id);
  }
  FAIR_TRY_ASSIGN(auto json, api_.item(collection, id));
  if (!json) return none();
  return stac::Item::from_json(std::move(*json), collection + "/" + id);
}

Json ApiCatalog::placed(stac::Item item, const std::string& collection) const {
  for (const char* rel : {"root", "parent", "collection", "self"}) item.remove_links(rel);  // the API makes its own
  Json& json = item.json();
  json["collection"] = collection;
  if (json.contains("links") && json["links"].is_array()) {
    for (Json& link : json["links"]) {
      const std::string path = link.is_object() ? linked_path(text_of(link, "href")) : "";
      if (path.empty()) continue;
      const std::size_t slash = path.find('/');
      link["href"] = slash == std::string::npos ? address(collection, path) : address(path.substr(0, slash), path.substr(slash + 1));
    }
  }
  return std::move(json);
}

Result<> ApiCatalog::apply(const Json& journal, const Turn& turn) const {
  Clock::time_point checked = Clock::now();
  for (const Json& write : journal) {
    // Who was held up for long may have been taken for dead.
    if (seconds_since(checked) > options_.lease_seconds / 3) {
      FAIR_TRY_ASSIGN(const auto all, turns());
      if (all.empty() || all.back().number != turn.number) return {};  // somebody else is doing this very journal, or has done it
      checked = Clock::now();
    }
    const std::string collection = text_of(write, "collection"), id = text_of(write, "id");
    if (write.contains("item")) FAIR_TRY(api_.put(collection, id, write["item"]));
    else FAIR_TRY(api_.erase(collection, id));
  }
  return {};
}

Result<> ApiCatalog::write_turn(const Turn& turn) const {
  FAIR_TRY_ASSIGN(const StacApi::Answer answer, api_.replace(writers, turn.id(), turn.item()));
  if (answer == StacApi::Answer::done) return {};
  return fail(Code::not_found, turn.id(), "still to be there", "another writer took it for dead", "try again");
}

Result<ApiCatalog::Turn> ApiCatalog::take_turn() const {
  const Clock::time_point start = Clock::now();
  std::optional<Turn> watched;
  Clock::time_point seen_alive = start;
  http::Patience patience("a turn to write at " + api_.shown());
  for (;;) {
    FAIR_TRY_ASSIGN(const auto all, turns());
    if (all.empty()) FAIR_TRY(create_collections());  // pgstac answers what goes into a missing one with a fault of its own
    const Turn last = all.empty() ? Turn{0, 0, "", "", false, {}} : all.back();
    // Alive is who changes something; clocks of two machines are never compared.
    if (!watched || watched->number != last.number || watched->beat != last.beat || watched->journal != last.journal) seen_alive = Clock::now();
    watched = last;
    if (last.held && !runs::has_ended(last.by) && seconds_since(seen_alive) < options_.lease_seconds) {
      if (seconds_since(start) > options_.wait_seconds + options_.lease_seconds)
        return fail(Code::conflict, api_.shown(), "a turn to write", last.holder + " has been writing for long", "try again when it is done");
      patience.still(last.holder + " is writing");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    Turn mine{last.number + 1, 0, holder(), last.journal, true, runs::this_process()};  // what the last one promised is promised still
    FAIR_TRY(api_.create(writers, mine.item()));
    // A repeated request meets what its own first attempt made; and a number long gone may be made again by who looked too long ago.
    FAIR_TRY_ASSIGN(const auto now, turns());
    if (now.empty() || now.back().number != mine.number || now.back().holder != mine.holder) {
      const bool there = std::any_of(now.begin(), now.end(), [&](const Turn& t) { return t.number == mine.number && t.holder == mine.holder; });
      if (there) FAIR_TRY(api_.erase(writers, mine.id()));
      continue;
    }
    for (const Turn& old : now) {
      if (old.number < mine.number) FAIR_TRY(api_.erase(writers, old.id()));
    }
    if (!mine.journal.empty()) {
      FAIR_TRY_ASSIGN(const Json journal, parse_json(mine.journal, mine.id()));
      FAIR_TRY(apply(journal, mine));
      mine.journal.clear();
      ++mine.beat;
      FAIR_TRY(write_turn(mine));
    }
    return mine;
  }
}

Result<> ApiCatalog::give_turn_back(Turn turn) const {
  turn.held = false;
  turn.journal.clear();
  ++turn.beat;
  const auto written = write_turn(turn);
  if (!written && written.error().code == Code::not_found) return {};  // taken over by who took us for dead
  return written;
}

Result<> ApiCatalog::commit(const std::vector<catalog::Write>& writes) {
  Json journal = Json::array();
  for (const catalog::Write& write : writes) {
    if (!stac::safe_id(write.id)) return fail(Code::invalid, write.id, "an id that can be part of an address", "another", "rename the item");
    Json entry{{"collection", write.collection}, {"id", write.id}};
    if (write.kind == catalog::Write::Kind::put) entry["item"] = placed(write.item, write.collection);
    journal.push_back(std::move(entry));
  }
  const auto decided_on = std::move(seen_);
  seen_.clear();
  FAIR_TRY_ASSIGN(Turn turn, take_turn());
  for (const auto& [collection, state] : decided_on) {
    FAIR_TRY(items(collection));
    if (seen_[collection] == state) continue;
    seen_.clear();
    FAIR_TRY(give_turn_back(turn));
    return fail(Code::conflict, api_.shown() + "/collections/" + collection, "the documents this was decided on",
                "documents that another program changed meanwhile", "try again");
  }
  seen_.clear();
  turn.journal = journal.dump(-1, ' ', false, Json::error_handler_t::replace);
  ++turn.beat;
  FAIR_TRY(write_turn(turn));
  // From here on it is done, now or by the next writer: what goes wrong in applying it is told, and undoes nothing.
  if (const auto applied = apply(journal, turn); !applied) {
    turn.held = false;  // the next need not wait for us
    ++turn.beat;
    (void)write_turn(turn);
    return applied;
  }
  return give_turn_back(turn);
}

}  // namespace fair::store
