// What a model item says about running the model, read once into types. MLM 1.5 (https://github.com/stac-extensions/mlm).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/stac/item.h"
#include "core/stac/value_scaling.h"

namespace fair::stac {

enum class Task { semantic_segmentation, instance_segmentation, object_detection, classification };

/// mlm:tasks' spelling, and back.
[[nodiscard]] const char* name(Task task);
[[nodiscard]] std::optional<Task> task_from(std::string_view name);

/// One entry of classification:classes.
struct Class {
  std::int32_t value = 0;
  std::string name;
  std::string color_hint;  ///< "RRGGBB" or ""
};

/// Order of a tensor's axes.
enum class Layout { nchw, nhwc };

/// What mlm:input[0] says. Sizes of -1 are free.
struct InputSpec {
  std::string name;
  std::vector<std::int64_t> shape;  ///< as declared
  Layout layout = Layout::nchw;
  std::int64_t channels = 3, height = 256, width = 256;
  std::string data_type = "float32";
  std::vector<std::string> bands;
  Scaling scaling;
  std::string pre_processing;  ///< the expression, e.g. models.unet_segmentation.pipeline:preprocess
};

/// What the graph's scores are: fair:activation of mlm:output[0], "logits" or "probabilities".
enum class Activation { unknown, logits, probabilities };

/// What mlm:output[0] says.
struct OutputSpec {
  std::string name;  ///< features carry a property of this name with the class name
  std::vector<std::int64_t> shape;
  Layout layout = Layout::nchw;
  std::int64_t channels = -1;  ///< of a 4-D output as declared: one a class, or 1 for a sigmoid over two classes; -1 where it is free or not 4-D
  Activation activation = Activation::unknown;
  std::vector<Class> classes;
  std::string post_processing;
};

/// Which geometry the item's keywords ask for.
enum class GeometryKind { polygon, line, point };

/// A model item as running it needs it.
struct ModelSpec {
  std::string id, name, title, architecture;
  Task task = Task::semantic_segmentation;
  InputSpec input;
  OutputSpec output;
  GeometryKind geometry = GeometryKind::polygon;
  std::vector<std::string> keywords;
  std::optional<double> gsd;       ///< metres a pixel the model learnt at (STAC gsd), when recorded
  Json hyperparameters;            ///< mlm:hyperparameters as it stands
  Json hyperparameters_spec;       ///< fair:hyperparameters_spec as it stands
  std::string model_href;          ///< the ONNX file
  std::string checkpoint_href;     ///< the weights, or ""
  std::vector<std::string> notes;  ///< sentences for the person, of what was read otherwise than the item says it; in no item

  /// Reads an item; every spelling that fAIr's page and its deployed items use.
  [[nodiscard]] static Result<ModelSpec> from_item(const Item& item);

  /// The MLM fields needed to run a bare model.onnx, as kept in its metadata under "fair.item"; and back.
  [[nodiscard]] Json to_metadata() const;
  [[nodiscard]] static Result<ModelSpec> from_metadata(const Json& metadata, const std::string& thing);
};

}  // namespace fair::stac
