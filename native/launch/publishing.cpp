#include "native/launch/publishing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/spelling.h"
#include "core/catalog/resolve.h"
#include "core/stac/rules.h"
#include "native/runs/clock.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

Result<runs::ModelVersion> version_of(runs::RunStore& runs, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(auto versions, runs.versions(model));
  for (runs::ModelVersion& v : versions) {
    if (v.number == number) return std::move(v);
  }
  std::string there;
  for (const runs::ModelVersion& v : versions) there += (there.empty() ? "" : ", ") + std::to_string(v.number);
  if (versions.empty()) {
    FAIR_TRY_ASSIGN(const auto all, runs.versions(""));
    std::vector<std::string> names;
    for (const runs::ModelVersion& v : all) names.push_back(v.model);
    const std::string near = nearest(model, names);
    return fail(Code::not_found, "model " + model, "a finetuned model", "none of that name",
                near.empty() ? "fair list shows what there is; fair finetune makes one" : "did you mean " + near + "?");
  }
  return fail(Code::not_found, "version " + std::to_string(number) + " of " + model, "one of its versions", "only " + there, "choose one of them");
}

/// A member that may be missing or null.
Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json() : *found;
}

std::string text(const Json& object, const char* key) {
  const Json value = member(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

Result<std::string> published(const store::Workspace& workspace, const runs::ModelVersion& version, const char* artifact) {
  const std::string path = text(version.artifacts, artifact);
  const std::string thing = std::string(artifact) + " of " + version.model + " v" + std::to_string(version.number);
  std::error_code error;
  if (path.empty() || !fs::is_regular_file(workspace.artifacts() / path, error)) {
    return fail(Code::not_found, thing, "a file below " + workspace.artifacts().string(), path.empty() ? "none recorded" : "no file at " + path,
                "finetune again");
  }
  return workspace.publish(workspace.artifacts() / path);
}

Result<catalog::LocalModel> local_model(const store::Workspace& workspace, const runs::ModelVersion& version) {
  catalog::LocalModel out;
  out.name = version.model;
  out.number = version.number;
  out.uuid = version.uuid;
  FAIR_TRY_ASSIGN(out.model_href, published(workspace, version, "onnx_model"));
  FAIR_TRY_ASSIGN(out.checkpoint_href, published(workspace, version, "trained_model"));
  FAIR_TRY_ASSIGN(out.metrics_href, published(workspace, version, "training_metrics"));
  const Json& m = version.metadata;
  if (const std::string user = text(m, "user_id"); !user.empty()) out.user_id = user;
  if (m.contains("hyperparameters")) out.hyperparameters = m["hyperparameters"];
  if (m.contains("metrics")) out.metrics = m["metrics"];
  if (m.contains("split")) out.split = m["split"];
  if (member(m, "gsd").is_number()) out.gsd = m["gsd"].get<double>();
  out.started_at = text(m, "training_started_at");
  out.ended_at = text(m, "training_ended_at");
  if (member(m, "training_duration_seconds").is_number()) out.duration_seconds = m["training_duration_seconds"].get<double>();
  if (member(m, "labeled_chip_count").is_number_integer()) out.labeled_chip_count = m["labeled_chip_count"].get<int>();
  return out;
}

/// An item that breaks a rule is not published.
Result<> publishable(const stac::Item& item) {
  stac::RuleOptions options;
  options.published = true;
  for (const stac::Finding& f : stac::validate(item, stac::Kind::local_model, options)) {
    if (f.severity == stac::Severity::error)
      return fail(Code::invalid, item.id() + "#" + f.pointer, "an item that keeps fAIr's rules (" + f.rule + ")", f.found, f.hint);
  }
  return {};
}

Result<> remove_artifacts(const store::Workspace& workspace, const runs::ModelVersion& version) {
  const fs::path file = text(version.artifacts, "onnx_model");
  if (file.empty() || stac::climbs_out(file.generic_string()) || !file.has_parent_path()) return {};
  return workspace.discard((workspace.artifacts() / file).parent_path());
}

bool absent(const Error& error) { return error.code == Code::not_found; }

}  // namespace

Result<catalog::Promotion> promote(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(const runs::ModelVersion version, version_of(runs, model, number));
  FAIR_TRY_ASSIGN(const auto base, catalog::find_model(workspace.catalog(), text(version.metadata, "base_model_id")));
  FAIR_TRY_ASSIGN(const auto dataset, catalog::find_dataset(workspace.catalog(), text(version.metadata, "dataset_id")));
  FAIR_TRY_ASSIGN(const auto facts, local_model(workspace, version));
  const std::string now = runs::utc_now();
  FAIR_TRY_ASSIGN(stac::Item item, catalog::local_item(base.item, dataset, facts, workspace.settings().ids, now));
  FAIR_TRY(publishable(item));
  FAIR_TRY_ASSIGN(auto promotion, catalog::promote(workspace.catalog(), std::move(item), now));
  FAIR_TRY(runs.set_stage(model, number, runs::Stage::production));
  return promotion;
}

Result<> archive(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(const runs::ModelVersion version, version_of(runs, model, number));
  const auto archived = catalog::archive(workspace.catalog(), model, std::to_string(number), runs::utc_now());
  if (!archived && !absent(archived.error())) return fail(archived.error());  // a version that was never promoted has no item
  return runs.set_stage(model, number, runs::Stage::archived);
}

Result<> remove(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(const runs::ModelVersion version, version_of(runs, model, number));
  const auto removed = catalog::remove_version(workspace.catalog(), model, std::to_string(number), runs::utc_now());
  if (!removed && !absent(removed.error())) return fail(removed.error());
  FAIR_TRY(runs.remove_version(model, number));
  return remove_artifacts(workspace, version);
}

Result<std::size_t> remove_all(store::Workspace& workspace, runs::RunStore& runs, const std::string& model) {
  FAIR_TRY_ASSIGN(const auto versions, runs.versions(model));
  const auto removed = catalog::remove_model(workspace.catalog(), model);
  if (!removed && (!absent(removed.error()) || versions.empty())) return fail(removed.error());
  for (const runs::ModelVersion& v : versions) {
    FAIR_TRY(runs.remove_version(model, v.number));
    FAIR_TRY(remove_artifacts(workspace, v));
  }
  return std::max(versions.size(), removed ? *removed : std::size_t{0});
}

}  // namespace fair::launch
