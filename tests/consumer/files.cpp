// Native rooms from outside: a graph built, written and read again.
#include <cstdio>

#include "native/io/dataset_pack.h"
#include "native/onnx/builder.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"

int main() {
  fair::onnx::Builder builder("tiny", 18, 1);
  const std::string x = builder.input("x", {{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}});
  builder.output(builder.identity("y", builder.conv("conv", x, {3, 2, 1})), {{-1, "batch"}, {2, ""}, {8, ""}, {8, ""}});
  const auto model = std::move(builder).build("consumer");
  if (const auto written = fair::onnx::write_model("tiny.onnx", model); !written) {
    std::puts(written.error().message().c_str());
    return 1;
  }
  const auto read = fair::onnx::read_model("tiny.onnx");
  const auto absent = fair::io::DatasetPack::open("no-such-file");
  return read && read->graph.nodes.size() == model.graph.nodes.size() && !absent ? 0 : 1;
}
