// An ONNX graph from elsewhere becomes a base model: its item is made from the graph and from what a person says of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/stac/item.h"
#include "core/stac/model_spec.h"
#include "native/onnx/graph.h"

namespace fair::launch {

/// What no graph says.
struct ModelFacts {
  std::string id;       ///< id and mlm:name of the item
  std::string file;     ///< the graph's file name, for its description
  std::string license;  ///< SPDX
  stac::Task task = stac::Task::semantic_segmentation;
  std::vector<std::string> classes;  ///< in the order of their channels; of a single channel: what it is not, and what it is
  std::string scale = "1/255";       ///< see scaling_from
  std::optional<double> gsd;         ///< metres a pixel it learnt at
};

/// How pixels become what the graph takes: a factor or a fraction ("1/255", "1"), "imagenet" (the mean and spread of ImageNet's 8-bit RGB), or an
/// expression linear in one name ("A / 127.5 - 1").
[[nodiscard]] Result<stac::Scaling> scaling_from(const std::string& text, std::size_t bands);

/// Code::incompatible where an output of that shape is none of the task.
[[nodiscard]] Result<> gives(stac::Task task, const std::vector<std::int64_t>& output);

/// Classes that the graph's first output can tell apart, as its shape from one run says; 0 where that does not follow.
[[nodiscard]] std::int64_t class_count(stac::Task task, const std::vector<std::int64_t>& output_shape, bool channels_last);

/// Names to begin with, for that many classes; `count` of 0 or 1 means that the graph does not say, or gives one channel.
[[nodiscard]] std::vector<std::string> usual_classes(stac::Task task, std::int64_t count);

/// A base model's item after the pattern of the built-in plugin for that task, whose code will run it. `input` and `output` are the shapes of one
/// run. Code::incompatible where the graph's output is none of that task; Code::unsupported where no built-in plugin knows the task.
[[nodiscard]] Result<stac::Item> item_of(const onnx::Model& model, const std::vector<std::int64_t>& input, const std::vector<std::int64_t>& output,
                                         const ModelFacts& facts);

/// "Sigmoid" or "Softmax" where the first output is nothing but that of something, else "".
[[nodiscard]] std::string closing_activation(const onnx::Graph& graph);

/// Is the graph's input (batch, height, width, bands)?
[[nodiscard]] bool channels_last(const std::vector<std::int64_t>& input);

}  // namespace fair::launch
