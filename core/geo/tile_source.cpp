#include "core/geo/tile_source.h"

#include <cmath>
#include <utility>

namespace fair::geo {
namespace {

constexpr const char* known = "{z} {x} {y} {-y} {q} {s} {a-c} {switch:a,b,c} {bbox-epsg-3857} {width} {height} {TileMatrix} {TileRow} {TileCol}";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_http(std::string_view address) {
  const std::string head = lower(address.substr(0, 8));
  return head.compare(0, 7, "http://") == 0 || head == "https://";
}

/// Millimetres are enough for a box in EPSG:3857, and written the same everywhere.
std::string metres(double value) {
  const auto thousandths = static_cast<std::int64_t>(std::floor(std::fabs(value) * 1000.0 + 0.5));
  const std::string digits = std::to_string(thousandths % 1000);
  std::string text = value < 0 && thousandths != 0 ? "-" : "";
  text += std::to_string(thousandths / 1000);
  text += '.';
  text.append(3 - digits.size(), '0');
  return text + digits;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (true) {
    const auto comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

bool is_range(std::string_view name) { return name.size() == 3 && name[1] == '-' && name[0] < name[2] && name[2] - name[0] < 26; }

Result<> check_size(std::int32_t tile_size) {
  if (tile_size == 256 || tile_size == 512) return {};
  return fail(Code::usage, "tile size", "256 or 512 pixels", std::to_string(tile_size), "leave it out for 256");
}

}  // namespace

bool may_be_tilejson(std::string_view address) { return is_http(address) && address.find('{') == std::string_view::npos; }

Result<TileSource::Piece> TileSource::placeholder(std::string_view inside, const std::string& whole) {
  const std::string name = lower(inside);
  const auto slot = [](Slot s) { return Piece{s, {}, {}}; };
  const auto fixed = [](const char* text) { return Piece{Slot::text, text, {}}; };
  if (name == "z" || name == "zoom" || name == "tilematrix") return slot(Slot::z);
  if (name == "x" || name == "tilecol") return slot(Slot::x);
  if (name == "y" || name == "tilerow") return slot(Slot::y);
  if (name == "-y") return slot(Slot::tms_y);
  if (name == "q" || name == "quadkey" || name == "u") return slot(Slot::quadkey);
  if (name == "bbox" || name == "bbox-epsg-3857") return slot(Slot::bbox);
  if (name == "width" || name == "height") return slot(Slot::width);
  if (name == "proj") return fixed("EPSG:3857");
  if (name == "wkid") return fixed("3857");
  if (name == "tilematrixset") return fixed("GoogleMapsCompatible");
  if (name == "style") return fixed("default");
  if (name == "r" || name == "ratio") return fixed("");
  if (name == "s") return Piece{Slot::server, {}, {"a", "b", "c"}};
  if (name.compare(0, 7, "switch:") == 0 && name.size() > 7) return Piece{Slot::server, {}, split(inside.substr(7))};
  if (is_range(inside)) {
    Piece piece{Slot::server, {}, {}};
    for (char c = inside[0]; c <= inside[2]; ++c) piece.servers.emplace_back(1, c);
    return piece;
  }
  return fail(Code::usage, "tile template " + whole, std::string("placeholders among ") + known, "{" + std::string(inside) + "}",
              "correct or remove that placeholder");
}

Result<TileSource::Template> TileSource::parse(const std::string& text) {
  const std::string thing = "tile template " + text;
  if (!is_http(text)) return fail(Code::usage, thing, "an address that begins with http:// or https://", text.substr(0, 16), "give the full address");
  Template pieces;
  bool has[9] = {};
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto open = rest.find('{');
    if (open != 0) pieces.push_back(Piece{Slot::text, std::string(rest.substr(0, open)), {}});
    if (open == std::string_view::npos) break;
    const auto close = rest.find('}', open);
    if (close == std::string_view::npos) {
      return fail(Code::usage, thing, "every { closed by a }", std::string(rest.substr(open, 24)), "close the placeholder");
    }
    FAIR_TRY_ASSIGN(Piece piece, placeholder(rest.substr(open + 1, close - open - 1), text));
    has[static_cast<int>(piece.slot)] = true;
    pieces.push_back(std::move(piece));
    rest.remove_prefix(close + 1);
  }
  const auto with = [&has](Slot slot) { return has[static_cast<int>(slot)]; };
  const bool by_place = with(Slot::z) && with(Slot::x) && (with(Slot::y) || with(Slot::tms_y));
  if (!by_place && !with(Slot::quadkey) && !with(Slot::bbox)) {
    std::string missing;
    if (!with(Slot::z)) missing += " {z}";
    if (!with(Slot::x)) missing += " {x}";
    if (!with(Slot::y)) missing += " {y}";
    return fail(Code::usage, thing, "{z}, {x} and {y} (or {-y}), or {q}, or {bbox-epsg-3857}", "no" + missing,
                "put the placeholders where the tile's numbers belong");
  }
  const std::string spelt = lower(text);
  if (with(Slot::bbox)) {
    for (const char* key : {"crs=", "srs="}) {
      const auto at = spelt.find(key);
      if (at == std::string::npos || (spelt[at - 1] != '&' && spelt[at - 1] != '?')) continue;
      const std::string value = spelt.substr(at + 4, spelt.find('&', at) - at - 4);
      if (value == "epsg:3857" || value == "epsg%3a3857" || value == "epsg:900913" || value == "epsg:{wkid}" || value == "{proj}") continue;
      return fail(Code::usage, thing, "EPSG:3857, which {bbox} is given in", text.substr(at + 4, value.size()), "ask the WMS for CRS=EPSG:3857");
    }
  }
  return pieces;
}

Result<TileSource> TileSource::from_template(const std::string& text, std::int32_t tile_size) {
  FAIR_TRY(check_size(tile_size));
  TileSource source;
  source.tile_size_ = tile_size;
  FAIR_TRY_ASSIGN(Template pieces, parse(text));
  source.templates_.push_back(std::move(pieces));
  return source;
}

Result<TileSource> TileSource::from_tilejson(const Json& document, const std::string& thing, std::int32_t tile_size) {
  FAIR_TRY(check_size(tile_size));
  const auto tiles = document.is_object() ? document.find("tiles") : document.end();
  if (!document.is_object() || tiles == document.end() || !tiles->is_array() || tiles->empty()) {
    return fail(Code::invalid, thing, "TileJSON with a list \"tiles\" of templates", document.is_object() ? "none" : document.type_name(),
                "give a template or the address of a TileJSON document");
  }
  if (const auto format = document.find("format"); document.contains("vector_layers") || (format != document.end() && *format == "pbf")) {
    return fail(Code::unsupported, thing, "tiles that are pictures", "vector tiles", "give a source of imagery");
  }
  TileSource source;
  source.tile_size_ = tile_size;
  for (const Json& tile : *tiles) {
    if (!tile.is_string()) return fail(Code::invalid, thing + " /tiles", "templates as strings", tile.type_name(), "correct the document");
    FAIR_TRY_ASSIGN(Template pieces, parse(tile.get<std::string>()));
    source.templates_.push_back(std::move(pieces));
  }
  const auto zoom = [&](const char* key, std::int32_t& into) -> Result<> {
    const auto at = document.find(key);
    if (at == document.end()) return {};
    if (!at->is_number() || at->get<double>() < 0 || at->get<double>() > 30) {
      return fail(Code::invalid, thing + " /" + key, "a zoom of 0 to 30", at->dump(), "correct the document");
    }
    into = static_cast<std::int32_t>(at->get<double>());
    return {};
  };
  FAIR_TRY(zoom("minzoom", source.min_zoom_));
  FAIR_TRY(zoom("maxzoom", source.max_zoom_));
  if (const auto scheme = document.find("scheme"); scheme != document.end()) {
    if (*scheme != "xyz" && *scheme != "tms")
      return fail(Code::invalid, thing + " /scheme", "\"xyz\" or \"tms\"", scheme->dump(), "correct the document");
    source.flipped_ = *scheme == "tms";
  }
  if (const auto box = document.find("bounds"); box != document.end()) {
    bool four = box->is_array() && box->size() == 4;
    for (std::size_t i = 0; four && i < 4; ++i) four = (*box)[i].is_number();
    if (!four) return fail(Code::invalid, thing + " /bounds", "[west, south, east, north]", box->dump(), "correct the document");
    source.covered_ = Bounds{(*box)[0].get<double>(), (*box)[1].get<double>(), (*box)[2].get<double>(), (*box)[3].get<double>()};
  }
  return source;
}

std::string TileSource::url(Tile tile) const {
  const auto turn = static_cast<std::size_t>(tile.x + tile.y);
  std::string out;
  for (const Piece& piece : templates_[turn % templates_.size()]) {
    switch (piece.slot) {
      case Slot::text: out += piece.text; break;
      case Slot::z: out += std::to_string(tile.z); break;
      case Slot::x: out += std::to_string(tile.x); break;
      case Slot::y: out += std::to_string(flipped_ ? geo::tms_y(tile) : tile.y); break;
      case Slot::tms_y: out += std::to_string(geo::tms_y(tile)); break;
      case Slot::quadkey: out += geo::quadkey(tile); break;
      case Slot::bbox: {
        const Bounds box = mercator_bounds(tile);
        out += metres(box.west) + "," + metres(box.south) + "," + metres(box.east) + "," + metres(box.north);
        break;
      }
      case Slot::width: out += std::to_string(tile_size_); break;
      case Slot::server: out += piece.servers[turn % piece.servers.size()]; break;
    }
  }
  return out;
}

}  // namespace fair::geo
