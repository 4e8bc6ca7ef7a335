#include "native/launch/imported_weights.h"

#include <utility>

#include "core/catalog/lifecycle.h"
#include "core/stac/assets.h"
#include "core/stac/model_spec.h"
#include "core/stac/rules.h"
#include "native/launch/model_files.h"
#include "native/launch/retried.h"
#include "native/onnx/state_dict.h"
#include "native/onnx/write.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

void describe(stac::Item& item, const WeightsOrigin& origin, const std::string& now) {
  const std::string title = item.text("title").empty() ? item.id() : item.text("title");
  if (!origin.name.empty()) {
    item.set_id(origin.name);
    item.properties()["mlm:name"] = origin.name;
    item.properties()["title"] = title + " (" + origin.name + ")";
  } else if (item.deprecated()) {
    item.set_id(item.text("mlm:name"));  // an older version's id is no name for the next
  }
  Json& properties = item.properties();
  properties["description"] = title + " with the weights of " + origin.file + ".";
  properties["mlm:pretrained"] = true;
  properties["mlm:pretrained_source"] = origin.file + " sha256:" + origin.sha256;
  if (!origin.license.empty()) properties["license"] = origin.license;
  properties["created"] = now;
}

/// The asset, made after fAIr's pattern where the item has none.
Result<> point(stac::Item& item, stac::Part part, const store::Workspace& workspace, const fs::path& file) {
  std::string key = stac::key_of(item, part);
  if (key.empty()) {
    key = part == stac::Part::onnx ? "model" : "checkpoint";
    const bool onnx = part == stac::Part::onnx;
    item.json()["assets"][key] = {{"title", onnx ? "The model as ONNX" : "Weights"},
                                  {"type", std::string("application/octet-stream; framework=") + (onnx ? "onnx" : "pytorch")},
                                  {"roles", Json::array({"mlm:model", onnx ? "mlm:compiled" : "mlm:weights"})},
                                  {"mlm:artifact_type", onnx ? "onnx" : "torch.save"}};
  }
  Json& asset = item.json()["assets"][key];
  FAIR_TRY_ASSIGN(asset["href"], workspace.publish(file));
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) asset.erase("file:size");
  else asset["file:size"] = size;
  asset.erase("file:checksum");  // of the file before
  return {};
}

Result<> publishable(const stac::Item& item) {
  stac::RuleOptions options;
  options.published = true;
  for (const stac::Finding& f : stac::validate(item, stac::Kind::base_model, options)) {
    if (f.severity == stac::Severity::error)
      return fail(Code::invalid, item.id() + "#" + f.pointer, "an item that keeps fAIr's rules (" + f.rule + ")", f.found, f.hint);
  }
  return {};
}

Result<stac::Item> publish(store::Workspace& workspace, stac::Item item, onnx::Model graph, const ModelFiles& files, const std::string& now) {
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_item(item));
  graph.set_metadata("fair.item", spec.to_metadata().dump());
  FAIR_TRY(onnx::write_state_dict(files.folder / "checkpoint.pt", onnx::state_of(graph)));
  FAIR_TRY(onnx::write_model(files.folder / "model.onnx", graph));
  FAIR_TRY(point(item, stac::Part::onnx, workspace, files.folder / "model.onnx"));
  FAIR_TRY(point(item, stac::Part::checkpoint, workspace, files.folder / "checkpoint.pt"));
  FAIR_TRY(publishable(item));
  return retried([&] { return catalog::register_base_model(workspace.catalog(), item, now); });
}

}  // namespace

Result<stac::Item> register_weights(store::Workspace& workspace, stac::Item base, onnx::Model graph, const WeightsOrigin& origin,
                                    const std::string& now) {
  if (const stac::Kind kind = stac::kind_of(base); kind != stac::Kind::base_model)
    return fail(Code::usage, base.id(), "a base model", stac::name(kind), "give its base, or write a file with --out");
  if (!origin.name.empty() && !stac::model_name(origin.name))
    return fail(Code::usage, "name " + Json(origin.name).dump(), "at least three letters, digits, '_', '.', '-', beginning with a letter", "another",
                "choose another name");
  describe(base, origin, now);
  ModelFiles files;
  FAIR_TRY_ASSIGN(files.folder, make_model_folder(workspace, base.id()));
  auto item = publish(workspace, std::move(base), std::move(graph), files, now);
  if (!item) remove_model_files(files);
  return item;
}

}  // namespace fair::launch
