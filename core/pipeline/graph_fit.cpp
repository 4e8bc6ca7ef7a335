#include "core/pipeline/graph_fit.h"

#include <algorithm>

namespace fair::pipeline {
namespace {

std::string text(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return out + "]";
}

struct Axes {
  std::size_t channels, height, width;
};
Axes axes(stac::Layout layout) { return layout == stac::Layout::nhwc ? Axes{3, 1, 2} : Axes{1, 2, 3}; }

/// Takes the graph's size where the item leaves it free; both given must agree.
Result<> settle(std::int64_t& declared, std::int64_t graph, const std::string& what, const Port& port) {
  if (graph <= 0) return {};
  if (declared > 0 && declared != graph) {
    return fail(Code::incompatible, "input '" + port.name + "'", std::to_string(declared) + " " + what + " as the item says",
                std::to_string(graph) + " in the graph, whose shape is " + text(port.shape),
                "correct mlm:input in the item, or use its own model file");
  }
  declared = graph;
  return {};
}

Result<> check_scores(const Port& port, const stac::ModelSpec& spec) {
  if (port.shape.size() != 4) {
    return fail(Code::incompatible, "output '" + port.name + "'", "four axes of scores for segmentation", text(port.shape),
                "correct mlm:tasks or use another model file");
  }
  const Axes at = axes(spec.output.layout);
  const std::int64_t channels = port.shape[at.channels];
  const auto classes = static_cast<std::int64_t>(spec.output.classes.size());
  const bool one_for_two = channels == 1 && classes == 2;
  const bool two_for_one = channels == 2 && classes == 1;
  if (channels > 0 && channels != classes && channels != classes + 1 && !one_for_two && !two_for_one) {
    return fail(Code::incompatible, "output '" + port.name + "'", std::to_string(classes) + " channels, one for each of the item's classes",
                std::to_string(channels) + " in the graph, whose shape is " + text(port.shape),
                "correct classification:classes or the output's shape in the item");
  }
  for (const auto& [axis, size] : {std::pair{at.height, spec.input.height}, std::pair{at.width, spec.input.width}}) {
    if (port.shape[axis] > 0 && size > 0 && port.shape[axis] != size) {
      return fail(Code::incompatible, "output '" + port.name + "'", "scores of the input's size, " + std::to_string(size) + " pixels",
                  text(port.shape), "use a model whose scores have the input's size");
    }
  }
  return {};
}

/// Detections come as a row an anchor or as finished boxes; the plugin reads either, whichever the item declares, and the person is told.
Result<> check_detections(const Port& port, stac::ModelSpec& spec) {
  const auto channels = static_cast<std::int64_t>(4 + spec.output.classes.size());
  const auto finished = [&](const std::vector<std::int64_t>& shape) { return shape.size() == 3 && shape[2] == 6; };
  const auto anchors = [&](const std::vector<std::int64_t>& shape) {
    return shape.size() == 3 && (shape[1] == channels || shape[1] < 1) && shape[2] != 6;
  };
  if (!finished(port.shape) && !anchors(port.shape)) {
    return fail(Code::incompatible, "output '" + port.name + "'",
                "[batch, " + std::to_string(channels) + ", anchors] for the item's " + std::to_string(spec.output.classes.size()) +
                    " classes, or [batch, detections, 6]",
                text(port.shape), "correct classification:classes in the item, or use its own model file");
  }
  if (!spec.output.shape.empty() && finished(spec.output.shape) != finished(port.shape)) {
    const auto words = [&](const std::vector<std::int64_t>& shape) {
      return text(shape) + (finished(shape) ? " (finished boxes)" : " (a column an anchor)");
    };
    spec.notes.push_back("The item of " + spec.id + " declares the output " + words(spec.output.shape) + ", its graph gives " + words(port.shape) +
                         ": read as the graph gives it");
  }
  return {};
}

}  // namespace

Result<stac::ModelSpec> fit_to_graph(const Port& in, const Port& out, const stac::ModelSpec& spec) {
  stac::ModelSpec fitted = spec;
  if (!in.shape.empty() && in.shape.size() != 4) {
    return fail(Code::incompatible, "input '" + in.name + "'", "four axes: batch, bands, height, width", text(in.shape),
                "use a model that takes images");
  }
  if (in.shape.size() == 4) {
    const Axes at = axes(spec.input.layout);
    FAIR_TRY(settle(fitted.input.channels, in.shape[at.channels], "bands", in));
    FAIR_TRY(settle(fitted.input.height, in.shape[at.height], "pixels of height", in));
    FAIR_TRY(settle(fitted.input.width, in.shape[at.width], "pixels of width", in));
    if (fitted.input.shape.size() != 4) fitted.input.shape.assign(4, -1);
    if (in.shape[0] > 0) {
      FAIR_TRY(settle(fitted.input.shape[0], in.shape[0], "windows a batch", in));
    } else {
      fitted.input.shape[0] = -1;
    }
  }
  const bool scores = spec.task == stac::Task::semantic_segmentation;
  if (scores && !out.shape.empty()) FAIR_TRY(check_scores(out, fitted));
  if (spec.task == stac::Task::object_detection && !out.shape.empty()) FAIR_TRY(check_detections(out, fitted));
  return fitted;
}

}  // namespace fair::pipeline
