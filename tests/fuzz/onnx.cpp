// Any bytes as an ONNX file; what is read must come back from what is written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "native/onnx/read.h"
#include "native/onnx/write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = fair::onnx::parse_model(std::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!model) return 0;
  const std::string once = fair::onnx::serialize(*model);
  const auto again = fair::onnx::parse_model(once, "again");
  if (!again || fair::onnx::serialize(*again) != once) __builtin_trap();
  for (const auto& node : model->graph.nodes) (void)node.label();
  (void)model->graph.feeds();
  return 0;
}
