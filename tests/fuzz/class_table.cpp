// Any bytes as a CSV table of classes.
#include "native/io/class_table.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)fair::io::parse_class_table(text, "input");
  return 0;
}
