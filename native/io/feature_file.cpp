#include "native/io/feature_file.h"

#include "native/io/geojson_sink.h"
#include "native/io/ogr_sink.h"

namespace fair::io {

Result<std::unique_ptr<infer::FeatureSink>> open_feature_file(const std::filesystem::path& path, const std::string& output_name,
                                                              const std::string& layer) {
  const std::string extension = path.extension().string();
  if (path == "-" || extension == ".geojson" || extension == ".json") return open_geojson(path, output_name);
  if (extension == ".fgb") return open_ogr(path, "FlatGeobuf", output_name, layer);
  if (extension == ".gpkg") return open_ogr(path, "GPKG", output_name, layer);
  return fail(Code::usage, path.string(), "a file .geojson, .fgb or .gpkg, or - for standard output", extension.empty() ? "no extension" : extension,
              "name the output by the format you want");
}

}  // namespace fair::io
