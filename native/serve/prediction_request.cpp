#include "native/serve/prediction_request.h"

#include <cmath>

namespace fair::serve {
namespace {

constexpr std::size_t longest_uri = 4096;
constexpr double mercator_ends = 85.06;

Result<std::string> uri(const Json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    return fail(Code::usage, key, "a text", found == body.end() ? "none" : found->type_name(),
                "the request needs model_uri, image_uri, bbox, zoom and params");
  }
  const auto& text = found->get_ref<const std::string&>();
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return fail(Code::usage, key, "an address", "one with control characters", "correct it");
  }
  if (text.size() > longest_uri) {
    return fail(Code::usage, key, "at most " + std::to_string(longest_uri) + " characters", std::to_string(text.size()), "shorten it");
  }
  return text;
}

}  // namespace

Result<geo::Bounds> box_from(const Json& numbers) {
  bool good = numbers.is_array() && numbers.size() == 4;
  double n[4] = {};
  for (std::size_t i = 0; good && i < 4; ++i) {
    good = numbers[i].is_number();
    if (good) n[i] = numbers[i].get<double>();
    good = good && std::isfinite(n[i]);
  }
  const geo::Bounds box{n[0], n[1], n[2], n[3]};
  good = good && box.west >= -180 && box.west <= 180 && box.east >= -180 && box.east <= 180 && box.west != box.east && box.south < box.north &&
         box.south >= -mercator_ends && box.north <= mercator_ends;
  if (!good) {
    std::string found = numbers.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 200) found = found.substr(0, 200) + "…";
    return fail(Code::usage, "bbox", "[west, south, east, north] in degrees, where Web Mercator reaches", found,
                "for example [85.52, 27.63, 85.53, 27.64]");
  }
  return box;
}

Result<PredictionRequest> PredictionRequest::from_json(const Json& body) {
  if (!body.is_object()) {
    return fail(Code::usage, "body", "an object with model_uri, image_uri, bbox, zoom and params", body.type_name(), "send JSON");
  }
  PredictionRequest out;
  FAIR_TRY_ASSIGN(out.model_uri, uri(body, "model_uri"));
  FAIR_TRY_ASSIGN(out.image_uri, uri(body, "image_uri"));
  FAIR_TRY_ASSIGN(out.box, box_from(body.value("bbox", Json())));
  const Json zoom = body.value("zoom", Json());
  if (!zoom.is_number_integer() || zoom < 14 || zoom > 22) {
    return fail(Code::usage, "zoom", "a whole number from 14 to 22", zoom.dump(), "zoom 18 to 20 suits buildings");
  }
  out.zoom = zoom.get<std::int32_t>();
  if (const auto size = body.find("tile_size"); size != body.end()) {
    if (*size != 256 && *size != 512) return fail(Code::usage, "tile_size", "256 or 512", size->dump().substr(0, 100), "leave it out for 256");
    out.tile_size = size->get<std::int32_t>();
  }
  out.params = body.value("params", Json());
  if (!out.params.is_object())
    return fail(Code::usage, "params", "an object with confidence_threshold", out.params.type_name(), "give {\"confidence_threshold\": 0.5}");
  const Json threshold = out.params.value("confidence_threshold", Json());
  if (!threshold.is_number()) {
    return fail(Code::usage, "params.confidence_threshold", "a number from 0 to 1", threshold.is_null() ? "none" : threshold.type_name(),
                "give 0.5, for example");
  }
  return out;
}

}  // namespace fair::serve
