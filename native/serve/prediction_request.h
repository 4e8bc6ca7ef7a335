// POST /predict's body: {model_uri, image_uri, bbox, zoom, params}, as fAIr's front end sends it.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/geo/grid.h"

namespace fair::serve {

struct PredictionRequest {
  std::string model_uri, image_uri;
  geo::Bounds box;  ///< degrees
  std::int32_t zoom = 0;
  std::int32_t tile_size = 256;  ///< ours: 512 where tiles are that large
  Json params = Json::object();  ///< to be checked against the model's own spec

  /// Code::usage names the member. Members that are not ours are passed over.
  [[nodiscard]] static Result<PredictionRequest> from_json(const Json& body);
};

/// [west, south, east, north], as RFC 7946 orders them.
[[nodiscard]] Result<geo::Bounds> box_from(const Json& numbers);

}  // namespace fair::serve
