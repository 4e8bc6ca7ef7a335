// Any bytes as a COCO file.
#include "native/io/coco.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!fair::io::is_coco(text)) return 0;
  (void)fair::io::parse_coco(text, "input");
  return 0;
}
