#include "core/vector/geojson.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace fair::vector {
namespace {

/// `value` with at most `digits` decimals, as a JSON number that keeps one ("12.0"): the shortest text of what it says.
void append_number(std::string& out, double value, int digits) {
  double scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  auto whole = static_cast<std::uint64_t>(std::floor(std::fabs(value) * scale + 0.5));
  if (value < 0 && whole != 0) out += '-';
  // From the last digit to the first; the zeros at the end are left out.
  std::array<char, 40> text;
  std::size_t at = text.size();
  bool zeros = true;
  for (int i = 0; i < digits; ++i, whole /= 10) {
    const std::uint64_t digit = whole % 10;
    zeros = zeros && digit == 0 && i + 1 < digits;
    if (!zeros) text[--at] = static_cast<char>('0' + digit);
  }
  text[--at] = '.';
  do {
    text[--at] = static_cast<char>('0' + whole % 10);
    whole /= 10;
  } while (whole != 0);
  out.append(&text[at], text.size() - at);
}

void append_point(std::string& out, const Point& p) {
  out += '[';
  append_number(out, p.x, 7);
  out += ',';
  append_number(out, p.y, 7);
  out += ']';
}

void append_points(std::string& out, const std::vector<Point>& points, bool closed) {
  out += '[';
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i != 0) out += ',';
    append_point(out, points[i]);
  }
  if (closed && !points.empty()) {
    out += ',';
    append_point(out, points.front());
  }
  out += ']';
}

void append_polygon(std::string& out, const Polygon& polygon) {
  out += '[';
  for (std::size_t r = 0; r < polygon.size(); ++r) {
    if (r != 0) out += ',';
    append_points(out, polygon[r], true);
  }
  out += ']';
}

void append_geometry(std::string& out, const Feature& feature) {
  switch (feature.type) {
    case GeometryType::point:
      out += R"({"type":"Point","coordinates":)";
      append_point(out, feature.points.front());
      break;
    case GeometryType::line_string:
      out += R"({"type":"LineString","coordinates":)";
      append_points(out, feature.points, false);
      break;
    case GeometryType::polygon:
      out += R"({"type":"Polygon","coordinates":)";
      append_polygon(out, feature.polygons.front());
      break;
    case GeometryType::multi_polygon:
      out += R"({"type":"MultiPolygon","coordinates":[)";
      for (std::size_t p = 0; p < feature.polygons.size(); ++p) {
        if (p != 0) out += ',';
        append_polygon(out, feature.polygons[p]);
      }
      out += ']';
      break;
  }
  out += '}';
}

void append_string(std::string& out, const std::string& text) { out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

void append_text(std::string& out, const Feature& feature, const std::string& output_name) {
  out += R"({"type":"Feature","id":)";
  append_string(out, feature.id);
  out += R"(,"geometry":)";
  append_geometry(out, feature);
  out += R"(,"properties":{"class":)";
  append_string(out, feature.class_name);
  out += R"(,"class_value":)" + std::to_string(feature.class_value) + R"(,"confidence":)";
  append_number(out, feature.confidence, 4);
  out += R"(,"area_m2":)";
  append_number(out, feature.area_m2, 2);
  const bool taken =
      output_name.empty() || output_name == "class" || output_name == "class_value" || output_name == "confidence" || output_name == "area_m2";
  if (!taken) {
    out += ',';
    append_string(out, output_name);
    out += ':';
    append_string(out, feature.class_name);
  }
  for (const auto& [key, value] : feature.extra.items()) {
    out += ',';
    append_string(out, key);
    out += ':' + value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  out += "}}";
}

Json to_json(const Feature& feature, const std::string& output_name) {
  std::string text;
  append_text(text, feature, output_name);
  return json_from(text).value_or(Json());
}

}  // namespace fair::vector
