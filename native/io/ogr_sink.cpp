#include "native/io/ogr_sink.h"

#include <fcntl.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>
#include <unistd.h>

#include <optional>
#include <system_error>

#include "native/io/gdal_session.h"

namespace fair::io {
namespace fs = std::filesystem;
namespace {

void add_ring(OGRPolygon& polygon, const vector::Ring& ring) {
  OGRLinearRing out;
  for (const vector::Point& p : ring) out.addPoint(p.x, p.y);
  out.closeRings();
  polygon.addRing(&out);
}

OGRPolygon polygon_of(const vector::Polygon& rings) {
  OGRPolygon out;
  for (const vector::Ring& ring : rings) add_ring(out, ring);
  return out;
}

std::unique_ptr<OGRGeometry> geometry_of(const vector::Feature& feature) {
  switch (feature.type) {
    case vector::GeometryType::point: return std::make_unique<OGRPoint>(feature.points.front().x, feature.points.front().y);
    case vector::GeometryType::line_string: {
      auto line = std::make_unique<OGRLineString>();
      for (const vector::Point& p : feature.points) line->addPoint(p.x, p.y);
      return line;
    }
    case vector::GeometryType::polygon: return std::make_unique<OGRPolygon>(polygon_of(feature.polygons.front()));
    case vector::GeometryType::multi_polygon: break;
  }
  auto many = std::make_unique<OGRMultiPolygon>();
  for (const vector::Polygon& polygon : feature.polygons) {
    const OGRPolygon part = polygon_of(polygon);
    many->addGeometry(&part);
  }
  return many;
}

class OgrSink final : public infer::FeatureSink {
 public:
  OgrSink(fs::path path, fs::path hidden, std::string output_name)
      : path_(std::move(path)), hidden_(std::move(hidden)), output_name_(std::move(output_name)) {}
  ~OgrSink() override {
    dataset_.reset();
    std::error_code error;
    if (!hidden_.empty()) fs::remove(hidden_, error);
  }

  Result<> create(const char* driver_name, const std::string& layer) {
    const GdalQuiet quiet;
    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName(driver_name);
    if (driver == nullptr) {
      return fail(Code::unsupported, path_.string(), std::string("a GDAL with the driver ") + driver_name, "one without", "write .geojson instead");
    }
    dataset_.reset(driver->Create(hidden_.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    if (!dataset_) return wrong(quiet);
    layer_name_ = layer;
    return {};
  }

  Result<> write(std::vector<vector::Feature>&& features) override {
    const GdalQuiet quiet;
    if (features.empty()) return {};
    if (layer_ == nullptr) {
      FAIR_TRY_ASSIGN(layer_, define(&features.front(), quiet));
    }
    for (const vector::Feature& feature : features) {
      OGRFeature row(layer_->GetLayerDefn());
      row.SetField(0, feature.id.c_str());
      row.SetField(1, feature.class_name.c_str());
      row.SetField(2, feature.class_value);
      row.SetField(3, feature.confidence);
      row.SetField(4, feature.area_m2);
      int field = 5;
      if (extra_) row.SetField(field++, feature.class_name.c_str());
      for (const std::string& key : measures_) {
        if (const auto value = feature.extra.find(key); value == feature.extra.end()) row.SetFieldNull(field);
        else if (value->is_number()) row.SetField(field, value->get<double>());
        else row.SetField(field, value->dump().c_str());
        ++field;
      }
      row.SetGeometryDirectly(geometry_of(feature).release());
      if (layer_->CreateFeature(&row) != OGRERR_NONE) return wrong(quiet);
    }
    return {};
  }

  Result<> finish() override {
    const GdalQuiet quiet;
    if (layer_ == nullptr) {
      FAIR_TRY_ASSIGN(layer_, define(nullptr, quiet));
    }
    if (transaction_ && dataset_->CommitTransaction() != OGRERR_NONE) return wrong(quiet);
    dataset_->FlushCache();
    dataset_.reset();
    if (quiet.failed()) return wrong(quiet);
    if (const int file = ::open(hidden_.c_str(), O_RDONLY | O_CLOEXEC); file >= 0) {
      const bool kept = ::fsync(file) == 0;
      ::close(file);
      if (!kept) return wrong(quiet);
    }
    std::error_code error;
    fs::rename(hidden_, path_, error);
    if (error) return fail(Code::io, path_.string(), "to be written", error.message(), "check the folder's permissions");
    hidden_.clear();
    return {};
  }

 private:
  /// The layer with its fields: those all features have, and what `like` has besides. All of a model's features have the same.
  Result<OGRLayer*> define(const vector::Feature* like, const GdalQuiet& quiet) {
    OGRSpatialReference wgs84;
    wgs84.importFromEPSG(4326);
    wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    OGRLayer* layer = dataset_->CreateLayer(layer_name_.c_str(), &wgs84, wkbUnknown, nullptr);
    if (layer == nullptr) return wrong(quiet);
    std::vector<std::pair<std::string, OGRFieldType>> fields{
        {"id", OFTString}, {"class", OFTString}, {"class_value", OFTInteger}, {"confidence", OFTReal}, {"area_m2", OFTReal}};
    extra_ = !output_name_.empty();
    for (const auto& field : fields) extra_ = extra_ && field.first != output_name_;
    if (extra_) fields.emplace_back(output_name_, OFTString);
    if (like != nullptr) {
      for (const auto& [key, value] : like->extra.items()) {
        measures_.push_back(key);
        fields.emplace_back(key, value.is_number() ? OFTReal : OFTString);
      }
    }
    for (const auto& [name, type] : fields) {
      // A GeoPackage keeps its own row number; ours may not be taken for it.
      OGRFieldDefn field(name == "id" ? "feature_id" : name.c_str(), type);
      if (layer->CreateField(&field) != OGRERR_NONE) return wrong(quiet);
    }
    if (layer->TestCapability(OLCTransactions) != 0 && dataset_->TestCapability(ODsCTransactions) != 0) {
      if (dataset_->StartTransaction() != OGRERR_NONE) return wrong(quiet);
      transaction_ = true;
    }
    return layer;
  }

  tl::unexpected<Error> wrong(const GdalQuiet& quiet) const {
    return fail(Code::io, path_.string(), "to be written", quiet.complaint("GDAL refused"), "check the folder's permissions and the free space");
  }

  fs::path path_, hidden_;
  std::string output_name_, layer_name_;
  std::vector<std::string> measures_;  ///< names of further properties
  DatasetPtr dataset_;
  OGRLayer* layer_ = nullptr;
  bool extra_ = false, transaction_ = false;
};

}  // namespace

Result<std::unique_ptr<infer::FeatureSink>> open_ogr(const fs::path& path, const char* driver, const std::string& output_name,
                                                     const std::string& layer) {
  gdal_ready();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return fail(Code::not_found, path.string(), "a folder to write into", "none at " + folder.string(), "make the folder first");
  }
  fs::path hidden = folder / ("." + path.stem().string() + "." + std::to_string(::getpid()) + path.extension().string());
  fs::remove(hidden, error);
  auto sink = std::make_unique<OgrSink>(path, std::move(hidden), output_name);
  FAIR_TRY(sink->create(driver, layer));
  return std::unique_ptr<infer::FeatureSink>(std::move(sink));
}

}  // namespace fair::io
