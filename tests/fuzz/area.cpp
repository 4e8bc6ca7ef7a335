// Any bytes as GeoJSON of an area.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/json.h"
#include "core/vector/area_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = fair::parse_json(std::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (document) (void)fair::vector::polygons_from(*document, "input");
  return 0;
}
