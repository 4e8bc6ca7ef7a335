#include "native/launch/base_models.h"

#include <functional>
#include <future>
#include <map>
#include <utility>

#include "core/stac/assets.h"
#include "core/stac/model_spec.h"
#include "native/io/atomic_file.h"
#include "native/launch/model_files.h"
#include "native/onnx/state_dict.h"
#include "native/onnx/write.h"
#include "native/weights/overlay.h"
#include "native/weights/read.h"
#include "plugins/built_in.h"
#include "plugins/resnet18_classification/training/graph.h"
#include "plugins/unet_segmentation/training/graph.h"
#include "plugins/unet_segmentation/training/starting_weights.h"
#include "plugins/yolo11n_detection/training/graph.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

using MakeGraph = std::function<Result<onnx::Model>(const stac::ModelSpec&)>;

/// The graph with weights that its plugin brings; as it is where that brings none.
Result<onnx::Model> with_weights(Result<onnx::Model> graph, std::string_view file, const std::string& id) {
  if (!graph || file.empty()) return graph;
  FAIR_TRY_ASSIGN(const weights::StateDict state, weights::parse_state_dict(file, "starting weights of " + id));
  const weights::KeyMatch match = weights::match_keys(graph->graph, state.tensors, false);
  if (!match.whole())
    return fail(Code::internal, "starting weights of " + id, "one of the graph's shape for every weight",
                std::to_string(match.missing.size()) + " missing, " + std::to_string(match.misshaped.size()) + " of another shape");
  FAIR_TRY(weights::lay_over(graph->graph, match, state));
  return graph;
}

/// Plugins that bring their graphs as code.
const std::map<std::string, MakeGraph>& graph_makers() {
  static const std::map<std::string, MakeGraph> makers{{"unet_segmentation",
                                                        [](const stac::ModelSpec& model) {
                                                          unet_segmentation::GraphOptions options;
                                                          options.classes = static_cast<std::int64_t>(model.output.classes.size());
                                                          return with_weights(unet_segmentation::graph_for(model.id, options),
                                                                              unet_segmentation::starting_weights(model.id), model.id);
                                                        }},
                                                       {"resnet18_classification",
                                                        [](const stac::ModelSpec& model) -> Result<onnx::Model> {
                                                          resnet18_classification::GraphOptions options;
                                                          const auto classes = static_cast<std::int64_t>(model.output.classes.size());
                                                          const auto& shape = model.output.shape;
                                                          options.logits = classes == 2 && !shape.empty() && shape.back() == 1 ? 1 : classes;
                                                          return resnet18_classification::resnet18(options);
                                                        }},
                                                       {"yolo11n_detection", [](const stac::ModelSpec& model) {
                                                          yolo11n_detection::GraphOptions options;
                                                          options.classes = static_cast<std::int64_t>(model.output.classes.size());
                                                          return yolo11n_detection::graph_for(model.id, options);
                                                        }}};
  return makers;
}

struct BuiltInModel {
  std::string plugin;
  stac::Item item;
};

Result<std::vector<BuiltInModel>> all_models() {
  std::vector<BuiltInModel> out;
  for (const plugins::BuiltIn& plugin : plugins::built_in()) {
    for (const char* text : plugin.items) {
      const std::string thing = std::string("item of the built-in plugin ") + plugin.name;
      FAIR_TRY_ASSIGN(Json document, parse_json(text, thing));
      FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), thing));
      out.push_back({plugin.name, std::move(item)});
    }
  }
  return out;
}

Result<BuiltInModel> built_in_model(const std::string& id) {
  FAIR_TRY_ASSIGN(auto models, all_models());
  std::string known;
  for (BuiltInModel& m : models) {
    if (m.item.id() == id) return std::move(m);
    known += (known.empty() ? "" : ", ") + m.item.id();
  }
  return fail(Code::not_found, "model " + id, "a built-in base model", "only " + known, "choose one of them");
}

/// The model's own folder, or a numbered one in it where that holds another model's files: those of an older build, which its item still needs.
fs::path folder_for(const fs::path& own, const std::string& bytes) {
  std::error_code error;
  fs::path folder = own;
  for (int n = 2; fs::exists(folder / "model.onnx", error); ++n) {
    const auto there = io::read_whole(folder / "model.onnx");
    if (there && *there == bytes) break;
    folder = own / ("build-" + std::to_string(n));
  }
  return folder;
}

Result<> point_asset(stac::Item& item, const std::string& key, const store::Workspace& workspace, const fs::path& file) {
  FAIR_TRY_ASSIGN(const std::string href, workspace.publish(file));
  item.json()["assets"][key]["href"] = href;
  return describe_file(item, key, file);
}

}  // namespace

std::vector<std::string> built_in_models(const std::string& plugin) {
  std::vector<std::string> out;
  const auto models = all_models();
  if (!models) return out;
  for (const BuiltInModel& m : *models) {
    if (plugin.empty() || m.plugin == plugin) out.push_back(m.item.id());
  }
  return out;
}

Result<stac::Item> built_in_item(const std::string& id) {
  FAIR_TRY_ASSIGN(BuiltInModel model, built_in_model(id));
  return std::move(model.item);
}

Result<stac::Item> place_base_model(const store::Workspace& workspace, const std::string& id) {
  FAIR_TRY_ASSIGN(BuiltInModel m, built_in_model(id));
  const auto maker = graph_makers().find(m.plugin);
  if (maker == graph_makers().end()) {
    return fail(Code::unsupported, "model " + id, "a plugin that builds its graph", "plugin " + m.plugin + " brings none",
                "register an item with a model file");
  }
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_item(m.item));
  FAIR_TRY_ASSIGN(onnx::Model graph, maker->second(spec));
  graph.set_metadata("fair.plugin", m.plugin);
  graph.set_metadata("fair.item", spec.to_metadata().dump());
  const std::string bytes = onnx::serialize(graph);
  const fs::path folder = folder_for(workspace.artifacts() / "base-models" / id, bytes);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::io, folder.string(), "a folder for the model's files", error.message(), "check the workspace's permissions and the disk");
  if (!fs::exists(folder / "model.onnx", error)) {
    // Both are mostly waiting for the disk. The model comes last: where it is, the checkpoint is.
    FAIR_TRY_ASSIGN(auto model, io::AtomicFile::create(folder / "model.onnx"));
    auto checkpoint = std::async(std::launch::async, [&] { return onnx::write_state_dict(folder / "checkpoint.pt", onnx::state_of(graph)); });
    const auto written = model.write(bytes);
    FAIR_TRY(checkpoint.get());
    FAIR_TRY(written);
    FAIR_TRY(model.commit());
  }
  FAIR_TRY(point_asset(m.item, stac::key_of(m.item, stac::Part::onnx), workspace, folder / "model.onnx"));
  FAIR_TRY(point_asset(m.item, stac::key_of(m.item, stac::Part::checkpoint), workspace, folder / "checkpoint.pt"));
  return std::move(m.item);
}

}  // namespace fair::launch
