#include "native/launch/starter_graph.h"

#include <string>
#include <utility>

#include "native/onnx/builder.h"
#include "plugins/yolo11n_detection/training/blocks.h"
#include "plugins/yolo11n_detection/training/head.h"

namespace fair::launch {
namespace {

using onnx::Builder;
using onnx::ConvShape;

constexpr std::uint64_t seed = 42;

std::string unit(Builder& b, const std::string& path, const std::string& x, const ConvShape& shape) {
  return b.relu(path + ".relu", b.batch_norm(path + ".bn", b.conv(path + ".conv", x, shape), shape.out));
}

std::string image(Builder& b, std::int64_t side, const char* height, const char* width) {
  return b.input("input", {{-1, "batch"}, {3, ""}, {side, height}, {side, width}});
}

/// Down to a quarter of the resolution, and up again over one skip.
onnx::Model segmentation(std::int64_t classes) {
  Builder b("starter-segmentation", 18, seed);
  const auto half = unit(b, "encoder.half", image(b, starter_window, "", ""), ConvShape{3, 8, 3, 2});
  const auto quarter = unit(b, "encoder.quarter", half, ConvShape{8, 16, 3, 2});
  const auto eighth = unit(b, "encoder.eighth", quarter, ConvShape{16, 16, 3, 2});
  const auto up = b.upsample("decoder.up", unit(b, "decoder.deep", eighth, ConvShape{16, 16}), 2, Builder::Resizing::nearest);
  const auto mixed = unit(b, "decoder.mix", b.add("decoder.add", up, quarter), ConvShape{16, 8});
  const auto wide = b.add("decoder.wide", b.upsample("decoder.up2", mixed, 2, Builder::Resizing::nearest), half);
  const auto logits = b.conv("head.conv", unit(b, "decoder.fine", wide, ConvShape{8, 8}), ConvShape{8, classes, 1, 1, true}, 0.5);
  const auto full = b.upsample("head.up", logits, 2, Builder::Resizing::linear);
  b.output(b.identity("logits", full), {{-1, "batch"}, {classes, ""}, {starter_window, ""}, {starter_window, ""}});
  return std::move(b).build("0.1");
}

onnx::Model classification(std::int64_t classes) {
  Builder b("starter-classification", 18, seed);
  const auto half = unit(b, "encoder.half", image(b, starter_window, "", ""), ConvShape{3, 16, 3, 2});
  const auto quarter = unit(b, "encoder.quarter", half, ConvShape{16, 24, 3, 2});
  const auto eighth = unit(b, "encoder.eighth", quarter, ConvShape{24, 32, 3, 2});
  const auto pooled = b.flatten("head.flat", b.global_average_pool("head.pool", unit(b, "encoder.last", eighth, ConvShape{32, 32, 3, 2})));
  b.output(b.identity("logits", b.linear("head.fc", pooled, 32, classes)), {{-1, "batch"}, {classes, ""}});
  return std::move(b).build("0.1");
}

/// Strided convolutions under the decoupled head of the YOLO family, narrow.
onnx::Model detection(std::int64_t classes) {
  Builder b("starter-detection", 18, seed);
  yolo11n_detection::Blocks blocks(b);
  const auto halve = [&](int layer, const yolo11n_detection::Feature& x, std::int64_t out) {
    return blocks.unit("model." + std::to_string(layer), x, out, {3, 2, 1, true});
  };
  const auto eighth = halve(2, halve(1, halve(0, {image(b, -1, "height", "width"), 3}, 16), 24), 32);
  const auto sixteenth = halve(3, eighth, 32);
  const auto last = halve(4, sixteenth, 32);
  const auto found = yolo11n_detection::detect(b, blocks, "model.9", {eighth, sixteenth, last}, classes, 24);
  b.output(b.identity("output0", found), {{-1, "batch"}, {4 + classes, ""}, {-1, "anchors"}});
  return std::move(b).build("0.1");
}

}  // namespace

Result<onnx::Model> starter_graph(stac::Task task, std::int64_t classes) {
  switch (task) {
    case stac::Task::semantic_segmentation: return segmentation(classes);
    case stac::Task::classification: return classification(classes);
    case stac::Task::object_detection: return detection(classes);
    default: break;
  }
  return fail(Code::unsupported, std::string("task ") + stac::name(task), "segmentation, detection or classification", "another",
              "bring a graph of your own with --onnx");
}

}  // namespace fair::launch
