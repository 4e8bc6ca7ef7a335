// A small graph as somebody else's exporter would write it.
#pragma once

#include <string>

#include "native/onnx/builder.h"

namespace fair::test {

/// Convolutions over an RGB image of `size`² (0: free), to `classes` channels; `last` is the operator at its end, or "".
inline onnx::Model foreign_graph(std::int64_t size, std::int64_t classes, const std::string& last = "") {
  onnx::Builder b("foreign", 17, 3);
  const auto free = [size](const char* name) { return size > 0 ? onnx::Dimension{size, ""} : onnx::Dimension{-1, name}; };
  auto y = b.input("pixels", {{-1, "n"}, {3, ""}, free("h"), free("w")});
  y = b.relu("relu", b.conv("first", y, onnx::ConvShape{3, 8, 3, 1, true}));
  y = b.conv("second", y, onnx::ConvShape{8, classes, 3, 1, true});
  if (!last.empty()) {
    onnx::Node n;
    n.name = "the_last";
    n.op = last;
    n.inputs = {y};
    y = b.node(std::move(n));
  }
  b.output(y, {{-1, "n"}, {classes, ""}, free("h"), free("w")});
  return std::move(b).build("1.0");
}

}  // namespace fair::test
