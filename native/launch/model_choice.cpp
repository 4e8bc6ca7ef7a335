#include "native/launch/model_choice.h"

#include <utility>

#include "core/catalog/resolve.h"
#include "core/stac/assets.h"
#include "core/stac/rules.h"
#include "native/infer/model_metadata.h"
#include "native/io/atomic_file.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Result<ChosenModel> from_item(stac::Item item, const store::Workspace* workspace, const fs::path& beside) {
  ChosenModel out;
  FAIR_TRY_ASSIGN(out.spec, stac::ModelSpec::from_item(item));
  FAIR_TRY_ASSIGN(out.onnx, onnx_of(item, workspace, beside));
  out.id = item.id();
  out.uri = stac::href_of(item, stac::Part::onnx);
  out.item = std::move(item);
  return out;
}

Result<ChosenModel> from_onnx(const fs::path& path) {
  ChosenModel out;
  FAIR_TRY_ASSIGN(out.spec, infer::spec_of_model(path));
  out.onnx = path;
  out.uri = path.string();
  out.id = out.spec.id.empty() ? path.stem().string() : out.spec.id;
  return out;
}

}  // namespace

Result<run::HyperparameterSpec> ChosenModel::hyperparameters() const {
  if (item) return run::HyperparameterSpec::from_item(*item);
  return run::HyperparameterSpec::from_json(spec.hyperparameters, spec.hyperparameters_spec, id);
}

Result<fs::path> onnx_of(const stac::Item& item, const store::Workspace* workspace, const fs::path& beside) {
  const std::string href = stac::href_of(item, stac::Part::onnx);
  const std::string thing = item.id() + "#/assets/" + stac::key_of(item, stac::Part::onnx);
  if (href.empty())
    return fail(Code::invalid, item.id() + "#/assets", "a model asset with an ONNX file", "none", "add it, or export the model to ONNX first");
  std::optional<fs::path> path;
  if (href.find("://") == std::string::npos) {
    if (fs::path(href).is_absolute() || stac::climbs_out(href) || beside.empty()) {
      return fail(Code::invalid, thing, "an http(s) href, or one relative to the item's folder", href, "put the file beside the item");
    }
    path = beside / href;
  } else if (!beside.empty() && is_file(beside / fs::path(href).filename())) {
    path = beside / fs::path(href).filename();
  } else if (workspace != nullptr) {
    FAIR_TRY_ASSIGN(path, workspace->fetch(href));
  }
  if (path && is_file(*path)) return *path;
  return fail(Code::not_found, thing, "a file in the workspace's artifacts or beside the item", href,
              path ? "the file " + path->string() + " is missing" : "download it and give model.onnx itself, or put it beside the item");
}

Result<ChosenModel> choose_model(const std::string& what, store::Workspace* workspace) {
  fs::path path = what;
  const bool fetched = what.find("://") != std::string::npos && workspace != nullptr;
  if (fetched) {
    FAIR_TRY_ASSIGN(const auto here, workspace->fetch(what));
    if (!here) return fail(Code::not_found, "model " + what, "an address that can be reached", "one that cannot", "download it");
    path = *here;
  }
  if (path.extension() == ".onnx") return from_onnx(path);
  if (is_file(path)) {
    FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
    FAIR_TRY_ASSIGN(Json document, parse_json(text, what));
    FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), what));
    if (fetched) FAIR_TRY(stac::make_absolute(item, what));
    return from_item(std::move(item), workspace, fs::absolute(path).parent_path());
  }
  if (workspace == nullptr) {
    return fail(Code::not_found, "model " + what, "a file, or a workspace that knows the name", "no such file and no workspace",
                "make a workspace with fair init, or name one with --workspace");
  }
  FAIR_TRY_ASSIGN(auto found, catalog::find_model(workspace->catalog(), what));
  return from_item(std::move(found.item), workspace, {});
}

}  // namespace fair::launch
