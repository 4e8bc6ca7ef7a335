#include "core/vector/area_document.h"

#include <cmath>
#include <utility>

#include "core/base/field.h"

namespace fair::vector {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& thing) : thing_(thing) {}

  Result<> read(const Json& document, int depth = 0) {
    const std::string name = text_of(document, "type");
    if (name == "FeatureCollection" && depth == 0) {
      for (const Json& feature : member(document, "features")) FAIR_TRY(read(feature, 1));
      return {};
    }
    if (name == "Feature" && depth < 2) return read(member(document, "geometry"), 2);
    if (name == "Polygon") return polygon(member(document, "coordinates"));
    if (name == "MultiPolygon") {
      const Json& parts = member(document, "coordinates");
      if (!parts.is_array()) return refuse("polygons", shown(parts));
      for (const Json& part : parts) FAIR_TRY(polygon(part));
      return {};
    }
    return refuse("a Polygon or MultiPolygon, or features of them", name.empty() ? shown(document) : name);
  }

  MultiPolygon take() { return std::move(polygons_); }

 private:
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& expected, const std::string& found) const {
    return fail(Code::invalid, thing_, expected, found, "give the area as GeoJSON polygons in degrees");
  }

  Result<> polygon(const Json& rings) {
    if (!rings.is_array() || rings.empty()) return refuse("rings of positions", shown(rings));
    Polygon out;
    for (const Json& positions : rings) {
      if (!positions.is_array() || positions.size() < 4 || positions.front() != positions.back()) {
        return refuse("closed rings of four positions or more", shown(positions));
      }
      Ring ring;
      for (std::size_t i = 0; i + 1 < positions.size(); ++i) {
        const Json& p = positions[i];
        const bool two = p.is_array() && p.size() >= 2 && p[0].is_number() && p[1].is_number();
        const Point point = two ? Point{p[0].get<double>(), p[1].get<double>()} : Point{};
        if (!two || !(std::fabs(point.x) <= 180) || !(std::fabs(point.y) <= 90)) return refuse("longitude and latitude in degrees", shown(p));
        ring.push_back(point);
      }
      out.push_back(std::move(ring));
    }
    polygons_.push_back(std::move(out));
    return {};
  }

  const std::string& thing_;
  MultiPolygon polygons_;
};

}  // namespace

Result<MultiPolygon> polygons_from(const Json& document, const std::string& thing) {
  Reader reader(thing);
  FAIR_TRY(reader.read(document));
  MultiPolygon polygons = reader.take();
  if (polygons.empty()) return fail(Code::invalid, thing, "at least one polygon", "none", "give the area as GeoJSON polygons in degrees");
  return polygons;
}

}  // namespace fair::vector
