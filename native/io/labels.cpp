#include "native/io/labels.h"

#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/geo/transform.h"
#include "core/vector/rasterize.h"
#include "core/vector/validity.h"
#include "native/io/gdal_session.h"

namespace fair::io {
namespace {

vector::Ring ring_of(const OGRLinearRing& ring) {
  vector::Ring out;
  for (int i = 0; i + 1 < ring.getNumPoints(); ++i) out.push_back({ring.getX(i), ring.getY(i)});
  return out;
}

void collect(const OGRGeometry& geometry, Footprints& into) {
  switch (wkbFlatten(geometry.getGeometryType())) {
    case wkbPolygon: {
      const OGRPolygon& polygon = *geometry.toPolygon();
      vector::Polygon out;
      for (const OGRLinearRing* ring : polygon) {
        if (ring->getNumPoints() >= 4) out.push_back(ring_of(*ring));
      }
      if (!out.empty()) into.polygons.push_back(std::move(out));
      break;
    }
    case wkbMultiPolygon:
    case wkbGeometryCollection:
      for (const OGRGeometry* part : *geometry.toGeometryCollection()) collect(*part, into);
      break;
    default: ++into.other_geometries;
  }
}

Result<std::filesystem::path> one_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".geojson" || extension == ".json" || extension == ".fgb" || extension == ".gpkg") found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  return fail(Code::not_found, path.string(), "one file of footprints (.geojson, .fgb, .gpkg)", std::to_string(found.size()) + " of them",
              "name the file itself");
}

std::string attributes_of(OGRLayer& layer) {
  std::string out;
  const OGRFeatureDefn& all = *layer.GetLayerDefn();
  for (int i = 0; i < all.GetFieldCount(); ++i) out += (i == 0 ? "" : ", ") + std::string(all.GetFieldDefn(i)->GetNameRef());
  return out.empty() ? "none" : out;
}

}  // namespace

Result<Footprints> read_footprints(const std::filesystem::path& path, const std::string& attribute) {
  FAIR_TRY_ASSIGN(const std::filesystem::path file, one_file(path));
  FAIR_TRY_ASSIGN(const DatasetPtr dataset, open_vector(file));
  const GdalQuiet quiet;
  Footprints footprints;
  for (OGRLayer* layer : dataset->GetLayers()) {
    OGRSpatialReference wgs84;
    wgs84.importFromEPSG(4326);
    wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    std::unique_ptr<OGRCoordinateTransformation> warp;
    if (const OGRSpatialReference* own = layer->GetSpatialRef(); own != nullptr) {
      std::unique_ptr<OGRSpatialReference> from(own->Clone());
      from->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
      if (!from->IsSame(&wgs84)) {
        warp.reset(OGRCreateCoordinateTransformation(from.get(), &wgs84));
        if (!warp)
          return fail(Code::invalid, file.string(), "a projection that can be turned to EPSG:4326", from->GetName(),
                      "reproject it with ogr2ogr -t_srs EPSG:4326");
      }
    }
    const bool placed = layer->GetSpatialRef() != nullptr;
    const int field = attribute.empty() ? -1 : layer->GetLayerDefn()->GetFieldIndex(attribute.c_str());
    if (!attribute.empty() && field < 0) {
      return fail(Code::invalid, file.string(), "the attribute " + attribute + " of footprints", attributes_of(*layer),
                  "name the attribute that says which class a footprint is of");
    }
    for (const auto& feature : *layer) {
      OGRGeometry* geometry = feature->GetGeometryRef();
      if (geometry == nullptr) continue;
      if (warp && geometry->transform(warp.get()) != OGRERR_NONE) {
        return fail(Code::invalid, file.string() + " feature " + std::to_string(feature->GetFID()), "coordinates within its projection",
                    quiet.complaint("others"), "check the file's projection");
      }
      OGREnvelope box;
      geometry->getEnvelope(&box);
      // Metres under the name of degrees, or without any name: the commonest mistake with labels.
      if (!geometry->IsEmpty() && !(box.MinX >= -180.001 && box.MaxX <= 180.001 && box.MinY >= -90.001 && box.MaxY <= 90.001)) {
        return fail(Code::invalid, file.string() + " feature " + std::to_string(feature->GetFID()),
                    "longitude and latitude, or a projection in the file",
                    std::to_string(box.MinX) + ", " + std::to_string(box.MinY) + (placed ? "" : " and no projection"),
                    "say the projection they are in: ogr2ogr -s_srs EPSG:… -t_srs EPSG:4326");
      }
      collect(*geometry, footprints);
      if (field >= 0)
        footprints.words.resize(footprints.polygons.size(), feature->IsFieldSetAndNotNull(field) ? feature->GetFieldAsString(field) : "");
    }
  }
  if (footprints.polygons.empty()) {
    return fail(Code::invalid, file.string(), "footprints: polygons",
                footprints.other_geometries > 0 ? std::to_string(footprints.other_geometries) + " geometries of other kinds" : "no features",
                "give the file with the buildings' outlines");
  }
  return footprints;
}

vector::Polygon in_pixels(const vector::Polygon& polygon, const Chip& chip) {
  vector::Polygon out;
  const auto inverse = geo::invert(chip.transform);
  if (!inverse) return out;
  for (const vector::Ring& ring : polygon) {
    vector::Ring pixels;
    for (const vector::Point& p : ring) {
      const geo::Place place = geo::place_of(chip.crs, {p.x, p.y});
      const geo::Place pixel = geo::apply(*inverse, place.x, place.y);
      pixels.push_back({pixel.x, pixel.y});
    }
    out.push_back(std::move(pixels));
  }
  return out;
}

FootprintReach::FootprintReach(Footprints footprints, std::vector<std::uint8_t> values)
    : footprints_(std::move(footprints)), values_(std::move(values)), met_(footprints_.polygons.size(), false) {
  values_.resize(footprints_.polygons.size(), 1);
  for (const vector::Polygon& polygon : footprints_.polygons) boxes_.push_back(vector::box_of(polygon.front()));
}

std::vector<Reached> FootprintReach::on(const Chip& chip) {
  const geo::LonLat corner = geo::pixel_to_lon_lat(chip.crs, chip.transform, 0, 0);
  const geo::LonLat other = geo::pixel_to_lon_lat(chip.crs, chip.transform, chip.width, chip.height);
  const vector::Box box{std::min(corner.lon, other.lon), std::min(corner.lat, other.lat), std::max(corner.lon, other.lon),
                        std::max(corner.lat, other.lat)};
  std::vector<Reached> out;
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    if (!vector::meet(boxes_[i], box)) continue;
    met_[i] = true;
    out.push_back({in_pixels(footprints_.polygons[i], chip), values_[i]});
  }
  return out;
}

std::int64_t FootprintReach::outside() const { return std::count(met_.begin(), met_.end(), false); }

Error FootprintReach::none_met(const std::filesystem::path& path) const {
  return {Code::invalid, path.string(), "footprints that lie on the chips", std::to_string(count()) + " footprints, none on any chip",
          "check that labels and chips are of the same place, and the labels' projection"};
}

std::int64_t burn(const std::vector<Reached>& footprints, const Chip& chip, std::vector<std::uint8_t>& mask, std::uint8_t outside) {
  mask.assign(static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height), outside);
  return std::count_if(footprints.begin(), footprints.end(), [&](const Reached& one) {
    return !one.polygon.empty() && vector::rasterize<std::uint8_t>(one.polygon, one.value, mask.data(), chip.width, chip.height) > 0;
  });
}

std::vector<std::uint16_t> number(const std::vector<Reached>& footprints, const Chip& chip) {
  std::vector<std::uint16_t> out(static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height), 0);
  for (std::size_t i = 0; i < std::min<std::size_t>(footprints.size(), 65535); ++i) {
    const vector::Polygon& polygon = footprints[i].polygon;
    if (!polygon.empty()) vector::rasterize(polygon, static_cast<std::uint16_t>(i + 1), out.data(), chip.width, chip.height);
  }
  return out;
}

}  // namespace fair::io
