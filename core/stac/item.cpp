#include "core/stac/item.h"

#include <utility>

#include "core/base/field.h"

namespace fair::stac {
namespace {

Link link_of(const Json& json) {
  return {text_of(member(json, "rel")), text_of(member(json, "href")), text_of(member(json, "type")), text_of(member(json, "title"))};
}

Json json_of(const Link& link) {
  Json json{{"rel", link.rel}, {"href", link.href}};
  if (!link.type.empty()) json["type"] = link.type;
  if (!link.title.empty()) json["title"] = link.title;
  return json;
}

}  // namespace

Result<Item> Item::from_json(Json document, const std::string& thing) {
  if (!document.is_object()) return fail(Code::invalid, thing, "a STAC item, a JSON object", document.type_name(), "give the item itself");
  const Json& type = member(document, "type");
  if (type != "Feature") {
    return fail(Code::invalid, thing, "a STAC item with \"type\": \"Feature\"", type.is_null() ? "no type" : "type " + type.dump(),
                "give an item, not a catalogue, collection or feature collection");
  }
  const Json& id = member(document, "id");
  if (!id.is_string() || id.get_ref<const std::string&>().empty()) {
    return fail(Code::invalid, thing + "#/id", "a non-empty string", id.is_null() ? "nothing" : id.dump(), "give the item an id");
  }
  const Json& properties = member(document, "properties");
  if (!properties.is_object()) {
    return fail(Code::invalid, thing + "#/properties", "an object", properties.is_null() ? "nothing" : properties.type_name(),
                "add the item's properties");
  }
  for (const char* const key : {"links", "assets"}) {
    const Json& value = member(document, key);
    const bool right = std::string_view(key) == "links" ? value.is_array() : value.is_object();
    if (!value.is_null() && !right) {
      return fail(Code::invalid, thing + "#/" + key, std::string_view(key) == "links" ? "an array" : "an object", value.type_name(),
                  "correct the item");
    }
  }
  Item item;
  item.id_ = id.get<std::string>();
  item.document_ = std::move(document);
  return item;
}

void Item::set_id(std::string id) {
  id_ = std::move(id);
  document_["id"] = id_;
}

const Json& Item::properties() const { return member(document_, "properties"); }
Json& Item::properties() { return document_["properties"]; }
const Json& Item::property(std::string_view key) const { return member(properties(), key); }
std::string Item::text(std::string_view key) const { return text_of(property(key)); }

std::vector<Link> Item::links(std::string_view rel) const {
  std::vector<Link> found;
  for (const Json& json : member(document_, "links")) {
    Link link = link_of(json);
    if (rel.empty() || link.rel == rel) found.push_back(std::move(link));
  }
  return found;
}

std::optional<Link> Item::link(std::string_view rel) const {
  const auto found = links(rel);
  return found.empty() ? std::nullopt : std::optional<Link>(found.front());
}

void Item::add_link(const Link& link) {
  Json& links = document_["links"];
  if (!links.is_array()) links = Json::array();
  links.push_back(json_of(link));
}

void Item::remove_links(std::string_view rel) {
  Json& links = document_["links"];
  if (!links.is_array()) return;
  Json kept = Json::array();
  for (const Json& json : links) {
    if (text_of(member(json, "rel")) != rel) kept.push_back(json);
  }
  links = std::move(kept);
}

void Item::set_link(const Link& link) {
  remove_links(link.rel);
  add_link(link);
}

const Json& Item::asset(std::string_view key) const { return member(member(document_, "assets"), key); }
std::string Item::asset_href(std::string_view key) const { return text_of(member(asset(key), "href")); }

bool Item::deprecated() const { return property("deprecated") == true; }
void Item::set_deprecated(bool deprecated) { properties()["deprecated"] = deprecated; }
std::string Item::version() const { return text("version"); }

}  // namespace fair::stac
