// Small items for tests, right in every rule; tests change one thing.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "core/stac/item.h"

namespace fair::test {

inline Json base_model_json() {
  const Json hyperparameters{{"training.epochs", 5},          {"training.batch_size", 4},        {"training.learning_rate", 1e-4},
                             {"training.optimizer", "AdamW"}, {"training.freeze_encoder", true}, {"inference.confidence_threshold", 0.5}};
  Json spec = Json::array();
  spec.push_back({{"key", "epochs"}, {"type", "int"}, {"default", 5}, {"min", 1}, {"max", 500}, {"description", "Passes over the data"}});
  spec.push_back({{"key", "batch_size"}, {"type", "int"}, {"default", 4}, {"min", 1}, {"max", 128}, {"description", "Windows a step"}});
  spec.push_back({{"key", "learning_rate"}, {"type", "float"}, {"default", 1e-4}, {"min", 1e-7}, {"max", 1.0}, {"description", "Step length"}});
  spec.push_back({{"key", "optimizer"}, {"type", "str"}, {"default", "AdamW"}, {"values", {"AdamW", "Adam", "SGD"}}, {"description", "Optimizer"}});
  spec.push_back({{"key", "freeze_encoder"}, {"type", "bool"}, {"default", true}, {"description", "Keep the encoder as it is"}});
  spec.push_back(
      {{"key", "confidence_threshold"}, {"type", "float"}, {"default", 0.5}, {"min", 0.0}, {"max", 1.0}, {"description", "Least probability"}});
  const Json input{{"name", "rgb"},
                   {"bands", {"red", "green", "blue"}},
                   {"input", {{"shape", {-1, 3, 256, 256}}, {"dim_order", {"batch", "bands", "height", "width"}}, {"data_type", "float32"}}},
                   {"pre_processing_function", {{"format", "python"}, {"expression", "models.unet_segmentation.pipeline:preprocess"}}}};
  Json classes = Json::array();
  classes.push_back({{"name", "background"}, {"value", 0}});
  classes.push_back({{"name", "building"}, {"value", 1}});
  const Json output{{"name", "segmentation mask"},
                    {"result", {{"shape", {-1, 2, 256, 256}}, {"dim_order", {"batch", "channel", "height", "width"}}, {"data_type", "float32"}}},
                    {"classification:classes", classes},
                    {"post_processing_function", {{"format", "python"}, {"expression", "models.unet_segmentation.pipeline:postprocess"}}}};
  const Json metric{{"key", "fair:mean_iou"}, {"name", "Mean IoU"}, {"description", "Over all classes"}};
  const Json provider{{"name", "HOT"}, {"roles", Json::array({"producer"})}};
  const Json properties{{"datetime", "2024-01-01T00:00:00Z"},
                        {"title", "U-Net"},
                        {"description", "Finds buildings"},
                        {"mlm:name", "unet-segmentation"},
                        {"mlm:architecture", "U-Net"},
                        {"mlm:tasks", Json::array({"semantic-segmentation"})},
                        {"mlm:framework", "PyTorch"},
                        {"mlm:framework_version", "2.1.0"},
                        {"mlm:pretrained", true},
                        {"mlm:input", Json::array({input})},
                        {"mlm:output", Json::array({output})},
                        {"mlm:hyperparameters", hyperparameters},
                        {"fair:hyperparameters_spec", spec},
                        {"keywords", {"building", "semantic-segmentation", "polygon"}},
                        {"version", "1"},
                        {"license", "MIT"},
                        {"providers", Json::array({provider})},
                        {"fair:metrics_spec", Json::array({metric})},
                        {"fair:split_spec", {{"strategy", "spatial"}, {"default_ratio", 0.2}, {"seed", 42}, {"description", "By place"}}}};
  const Json assets{
      {"checkpoint", {{"href", "https://example.org/a.pth"}, {"mlm:artifact_type", "torch.save"}, {"roles", {"mlm:model", "mlm:weights"}}}},
      {"model", {{"href", "https://example.org/a.onnx"}, {"mlm:artifact_type", "onnx"}, {"roles", {"mlm:model", "mlm:compiled"}}}},
      {"source-code", {{"href", "https://example.org/code"}, {"mlm:entrypoint", "models.unet_segmentation.pipeline:predict"}}},
      {"mlm:training", {{"href", "ghcr.io/example/unet:latest"}, {"type", "application/vnd.oci.image.index.v1+json"}}},
      {"mlm:inference", {{"href", "local"}}}};
  return {{"type", "Feature"},
          {"stac_version", "1.1.0"},
          {"stac_extensions", Json::array({"https://hotosm.github.io/fAIr-models/schemas/v1.0.0/base-model/schema.json"})},
          {"id", "unet-segmentation"},
          {"properties", properties},
          {"assets", assets},
          {"links", Json::array()}};
}

inline Json dataset_json() {
  const Json labels{{"name", "building"}, {"classes", Json::array({"yes"})}};
  const Json provider{{"name", "HOT"}, {"roles", Json::array({"producer"})}};
  const Json properties{{"datetime", "2024-01-01T00:00:00Z"},
                        {"title", "buildings-banepa"},
                        {"description", "Chips"},
                        {"label:type", "vector"},
                        {"label:tasks", Json::array({"segmentation"})},
                        {"label:classes", Json::array({labels})},
                        {"label:properties", Json::array({"building"})},
                        {"label:description", "Footprints"},
                        {"keywords", {"building", "semantic-segmentation", "polygon"}},
                        {"version", "1"},
                        {"deprecated", false},
                        {"providers", Json::array({provider})},
                        {"fair:user_id", "anonymous"}};
  return {{"type", "Feature"},
          {"stac_version", "1.1.0"},
          {"stac_extensions", Json::array({"https://hotosm.github.io/fAIr-models/schemas/v1.0.0/dataset/schema.json"})},
          {"id", "buildings-banepa"},
          {"bbox", {85.518, 27.629, 85.523, 27.634}},
          {"properties", properties},
          {"assets", {{"chips", {{"href", "./chips"}}}, {"labels", {{"href", "./labels.geojson"}}}}},
          {"links", Json::array()}};
}

inline stac::Item item(const Json& json) { return stac::Item::from_json(json, "test").value(); }

/// A document of the shared material, or nothing where it is not there.
inline std::optional<Json> shared_json(const std::string& path) {
  std::ifstream file(std::string(FAIR_SHARED) + "/" + path);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_json(text, path).value();
}

}  // namespace fair::test
