// A STAC 1.1 item (https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace fair::stac {

/// A link as the item spells it.
struct Link {
  std::string rel, href, type, title;
};

/// Wraps the item's JSON and keeps every field it does not know. Copies are deep.
class Item {
 public:
  Item() = default;
  /// Takes a document that is a JSON object with `type: Feature` and a string `id`; anything else is an error naming `thing`.
  [[nodiscard]] static Result<Item> from_json(Json document, const std::string& thing);

  [[nodiscard]] const std::string& id() const { return id_; }
  void set_id(std::string id);
  [[nodiscard]] const Json& json() const { return document_; }
  [[nodiscard]] Json& json() { return document_; }
  [[nodiscard]] const Json& properties() const;
  [[nodiscard]] Json& properties();
  /// A property, or null JSON where it is absent.
  [[nodiscard]] const Json& property(std::string_view key) const;
  /// A string property, or "" where it is absent or no string.
  [[nodiscard]] std::string text(std::string_view key) const;

  [[nodiscard]] std::vector<Link> links(std::string_view rel = {}) const;
  [[nodiscard]] std::optional<Link> link(std::string_view rel) const;
  /// Replaces all links of that rel by one (adds it where there is none).
  void set_link(const Link& link);
  void add_link(const Link& link);
  void remove_links(std::string_view rel);

  /// An asset's object, or null JSON.
  [[nodiscard]] const Json& asset(std::string_view key) const;
  [[nodiscard]] std::string asset_href(std::string_view key) const;

  // Version extension 1.2.0
  [[nodiscard]] bool deprecated() const;
  void set_deprecated(bool deprecated);
  [[nodiscard]] std::string version() const;

 private:
  Json document_;
  std::string id_;
};

}  // namespace fair::stac
