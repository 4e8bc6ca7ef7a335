// Whole masks: their features, and their polygons as they are.
#include <string>

#include "core/pipeline/inference_parameters.h"
#include "core/vector/polygon_arrays.h"
#include "core/vector/vectorize.h"
#include "wasm/host/answer_features.h"
#include "wasm/host/export_frame.h"
#include "wasm/host/exports.h"
#include "wasm/host/grid_document.h"

using namespace fair;
using namespace fair::web;

namespace {

Result<> check_size(std::int32_t width, std::int32_t height) {
  if (width < 1 || height < 1) return fail(Code::usage, "mask", "a size", std::to_string(width) + " x " + std::to_string(height));
  return {};
}

template <class T>
void append(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace

std::int32_t fair_vectorize(const char* request, std::uint32_t size, const std::uint8_t* mask, std::int32_t width, std::int32_t height) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, request_of(request, size));
    FAIR_TRY_ASSIGN(const geo::BlockGrid grid, grid_from(json.value("grid", Json())));
    stac::ModelSpec model;
    model.output.name = json.value("output_name", std::string("class"));
    for (const Json& one : json.value("classes", Json::array())) {
      model.output.classes.push_back({one.value("value", 0), one.value("name", std::string()), one.value("color_hint", std::string())});
    }
    FAIR_TRY_ASSIGN(const pipeline::InferenceOptions options, pipeline::inference_options(model, json.value("params", Json::object())));
    FAIR_TRY(check_size(width, height));
    vector::Vectorizer vectorizer(options.vectorize, grid.crs, grid.transform, width, grid.origin_column, grid.origin_row, grid.zoom);
    vectorizer.push(mask, height);
    vectorizer.finish();
    return answer_features(vectorizer.take(), model.output.name);
  });
}

std::int32_t fair_polygons(const char* request, std::uint32_t size, const std::uint8_t* mask, std::int32_t width, std::int32_t height) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, request_of(request, size));
    FAIR_TRY_ASSIGN(const geo::BlockGrid grid, grid_from(json.value("grid", Json())));
    FAIR_TRY(check_size(width, height));
    const vector::PolygonArrays made =
        vector::polygon_arrays(mask, width, height, static_cast<vector::Connectivity>(json.value("connectivity", 4)), grid.transform.a);
    std::string out;
    out.reserve(16 + made.coordinates.size() * sizeof(double) + 4 * (made.rings.size() + made.polygons.size()) + made.values.size());
    append(out, std::vector<std::uint32_t>{static_cast<std::uint32_t>(made.rings.size()), static_cast<std::uint32_t>(made.polygons.size())});
    append(out, made.coordinates);
    append(out, made.rings);
    append(out, made.polygons);
    append(out, made.values);
    answer_text(std::move(out));
    return static_cast<std::int32_t>(made.values.size());
  });
}
