#include "native/launch/publishing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/field.h"
#include "core/base/spelling.h"
#include "core/catalog/resolve.h"
#include "core/stac/rules.h"
#include "native/launch/intent.h"
#include "native/launch/model_files.h"
#include "native/launch/retried.h"
#include "native/runs/clock.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

Result<versions::ModelVersion> version_of(versions::VersionStore& store, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(auto versions, store.versions(model));
  for (versions::ModelVersion& v : versions) {
    if (v.number == number) return std::move(v);
  }
  std::string there;
  for (const versions::ModelVersion& v : versions) there += (there.empty() ? "" : ", ") + std::to_string(v.number);
  if (versions.empty()) {
    FAIR_TRY_ASSIGN(const auto all, store.versions(""));
    std::vector<std::string> names;
    for (const versions::ModelVersion& v : all) names.push_back(v.model);
    const std::string near = nearest(model, names);
    return fail(Code::not_found, "model " + model, "a finetuned model", "none of that name",
                near.empty() ? "fair list shows what there is; fair finetune makes one" : "did you mean " + near + "?");
  }
  return fail(Code::not_found, "version " + std::to_string(number) + " of " + model, "one of its versions", "only " + there, "choose one of them");
}

Result<std::string> published(const store::Workspace& workspace, const versions::ModelVersion& version, const char* artifact) {
  const std::string path = text_of(version.artifacts, artifact);
  const std::string thing = std::string(artifact) + " of " + version.model + " v" + std::to_string(version.number);
  std::error_code error;
  if (path.empty() || !fs::is_regular_file(workspace.artifacts() / path, error)) {
    // Trained on another machine, which has brought it there.
    if (!path.empty() && workspace.remote() != nullptr) {
      FAIR_TRY_ASSIGN(const auto there, workspace.remote()->info(path));
      if (there) return workspace.remote()->href(path);
    }
    return fail(Code::not_found, thing, "a file below " + workspace.artifacts().string(), path.empty() ? "none recorded" : "no file at " + path,
                "finetune again");
  }
  return workspace.publish(workspace.artifacts() / path);
}

Result<catalog::LocalModel> local_model(const store::Workspace& workspace, const versions::ModelVersion& version) {
  catalog::LocalModel out;
  out.name = version.model;
  out.number = version.number;
  out.uuid = version.uuid;
  FAIR_TRY_ASSIGN(out.model_href, published(workspace, version, "onnx_model"));
  FAIR_TRY_ASSIGN(out.checkpoint_href, published(workspace, version, "trained_model"));
  FAIR_TRY_ASSIGN(out.metrics_href, published(workspace, version, "training_metrics"));
  const Json& m = version.metadata;
  if (const std::string user = text_of(m, "user_id"); !user.empty()) out.user_id = user;
  if (m.contains("hyperparameters")) out.hyperparameters = m["hyperparameters"];
  if (m.contains("metrics")) out.metrics = m["metrics"];
  if (m.contains("split")) out.split = m["split"];
  if (member(m, "gsd").is_number()) out.gsd = m["gsd"].get<double>();
  out.started_at = text_of(m, "training_started_at");
  out.ended_at = text_of(m, "training_ended_at");
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

/// The folder of a version's files below artifacts/, or "".
std::string folder_of(const versions::ModelVersion& version) {
  const fs::path file = text_of(version.artifacts, "onnx_model");
  if (file.empty() || stac::climbs_out(file.generic_string()) || !file.has_parent_path()) return {};
  return file.parent_path().generic_string();
}

/// None there is as good as removed.
Result<> unless_absent(Result<> result) {
  if (!result && result.error().code != Code::not_found) return result;
  return {};
}

/// The item that is active says which version is in production. Looked at again afterwards: where another program came between, its word is kept.
Result<> settle_stages(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model) {
  const auto active = [&]() -> Result<std::string> {
    FAIR_TRY_ASSIGN(const auto items, workspace.catalog().items(catalog::local_models));
    for (const stac::Item& item : items) {
      if (item.text("mlm:name") == model && !item.deprecated()) return item.version();
    }
    return std::string();
  };
  FAIR_TRY_ASSIGN(std::string now, active());
  for (int attempt = 1;; ++attempt) {
    FAIR_TRY_ASSIGN(const auto all, versions.versions(model));
    for (const versions::ModelVersion& v : all) {
      if (v.stage != versions::Stage::production && std::to_string(v.number) == now)
        FAIR_TRY(versions.set_stage(model, v.number, versions::Stage::production));
    }
    for (const versions::ModelVersion& v : all) {
      if (v.stage == versions::Stage::production && std::to_string(v.number) != now)
        FAIR_TRY(versions.set_stage(model, v.number, versions::Stage::archived));
    }
    FAIR_TRY_ASSIGN(const std::string then, active());
    if (then == now) return {};
    if (attempt == 5) return fail(Code::conflict, model, "an active version that stays it", "others keep changing it", "try again");
    now = then;
  }
}

/// Deprecates the item, where the version has one.
Result<> archive_item(store::Workspace& workspace, const std::string& model, int number) {
  const auto archived = catalog::archive(workspace.catalog(), model, std::to_string(number), runs::utc_now());
  return unless_absent(archived ? Result<>() : fail(archived.error()));
}

/// Removes what a note of "delete" names; number 0 stands for all.
Result<> erase(store::Workspace& workspace, versions::VersionStore& versions, const Json& note) {
  const std::string model = text_of(note, "model");
  const Json number = member(note, "number");
  if (number == 0) {
    const auto removed = catalog::remove_model(workspace.catalog(), model);
    FAIR_TRY(unless_absent(removed ? Result<>() : fail(removed.error())));
    FAIR_TRY(versions.remove_model(model));
  } else {
    FAIR_TRY(unless_absent(catalog::remove_version(workspace.catalog(), model, number.dump(), runs::utc_now())));
    FAIR_TRY(unless_absent(versions.remove(model, number.get<int>())));
  }
  for (const Json& folder : note.value("folders", Json::array())) FAIR_TRY(workspace.discard(workspace.artifacts() / folder.get<std::string>()));
  return {};
}

/// Does what a note of "archive" or "delete" says; after a promotion, what is left of it.
Result<> perform(store::Workspace& workspace, versions::VersionStore& versions, const Json& note) {
  const std::string verb = text_of(note, "verb"), model = text_of(note, "model");
  const Json number = member(note, "number");
  if (!number.is_number_integer() || number < 0 || !stac::model_name(model))
    return fail(Code::invalid, "note of " + model, "a model's name and a version's number", note.dump().substr(0, 200),
                "remove it if no fair is at work");
  if (verb == "delete") return erase(workspace, versions, note);
  if (verb == "archive") {
    FAIR_TRY(archive_item(workspace, model, number.get<int>()));
    FAIR_TRY(unless_absent(versions.set_stage(model, number.get<int>(), versions::Stage::archived)));
  }
  return settle_stages(workspace, versions, model);
}

/// Finishes what a note says, or undoes it: a promotion that has not reached the catalogue has done nothing that anybody sees.
Result<> settle(store::Workspace& workspace, versions::VersionStore& versions, const Json& note) {
  FAIR_TRY(workspace.catalog().commit({}));  // what was decided there and is not all written yet is written now
  return perform(workspace, versions, note);
}

/// Does `work` under a note, so that nobody else changes that model's versions meanwhile. Where it fails, what it began is settled at once, or, where
/// that fails too, by the next command.
template <class Work>
auto under_note(store::Workspace& workspace, versions::VersionStore& versions, const Json& what, Work work) -> decltype(work()) {
  const auto finish = [&](const Json& note) { return settle(workspace, versions, note); };
  FAIR_TRY_ASSIGN(const auto intent, Intent::take(workspace.notes(), what, finish));
  auto outcome = work();
  if (outcome) {
    FAIR_TRY(intent->done());
    return outcome;
  }
  Error error = std::move(outcome).error();
  if (const auto settled = finish(intent->note()); settled) (void)intent->done();  // one that stays is settled again, which does no harm
  else error.hint += (error.hint.empty() ? "" : "; ") + std::string("the next command of fair finishes or undoes what was begun");
  return fail(std::move(error));
}

}  // namespace

Result<catalog::Promotion> promote(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number) {
  FAIR_TRY(version_of(versions, model, number));
  return under_note(workspace, versions, {{"verb", "promote"}, {"model", model}, {"number", number}}, [&]() -> Result<catalog::Promotion> {
    FAIR_TRY_ASSIGN(const versions::ModelVersion version, version_of(versions, model, number));
    FAIR_TRY_ASSIGN(const auto base, catalog::find_model(workspace.catalog(), text_of(version.metadata, "base_model_id")));
    FAIR_TRY_ASSIGN(const auto dataset, catalog::find_dataset(workspace.catalog(), text_of(version.metadata, "dataset_id")));
    FAIR_TRY_ASSIGN(const auto facts, local_model(workspace, version));
    const std::string now = runs::utc_now();
    FAIR_TRY_ASSIGN(stac::Item item, catalog::local_item(base.item, dataset, facts, workspace.settings().ids, now));
    for (const auto& [asset, artifact] : {std::pair{"model", "onnx_model"}, std::pair{"checkpoint", "trained_model"}}) {
      const fs::path file = workspace.artifacts() / text_of(version.artifacts, artifact);
      std::error_code error;
      if (fs::is_regular_file(file, error)) FAIR_TRY(describe_file(item, asset, file));
    }
    FAIR_TRY(publishable(item));
    // Of this model nobody else writes; of others they may.
    FAIR_TRY_ASSIGN(auto promotion, retried([&] { return catalog::promote(workspace.catalog(), item, now); }));
    FAIR_TRY(settle_stages(workspace, versions, model));
    return promotion;
  });
}

Result<> archive(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number) {
  FAIR_TRY(version_of(versions, model, number));
  const Json what{{"verb", "archive"}, {"model", model}, {"number", number}};
  return under_note(workspace, versions, what, [&] { return perform(workspace, versions, what); });
}

Result<> remove(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number) {
  FAIR_TRY_ASSIGN(const versions::ModelVersion version, version_of(versions, model, number));
  Json folders = Json::array();
  if (const std::string folder = folder_of(version); !folder.empty()) folders.push_back(folder);
  const Json what{{"verb", "delete"}, {"model", model}, {"number", number}, {"folders", folders}};
  return under_note(workspace, versions, what, [&] { return perform(workspace, versions, what); });
}

Result<std::size_t> remove_all(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model) {
  FAIR_TRY_ASSIGN(const auto all, versions.versions(model));
  FAIR_TRY_ASSIGN(const auto items, workspace.catalog().items(catalog::local_models));
  const auto published =
      static_cast<std::size_t>(std::count_if(items.begin(), items.end(), [&](const stac::Item& item) { return item.text("mlm:name") == model; }));
  if (all.empty() && published == 0) FAIR_TRY(version_of(versions, model, 0));  // tells what there is
  Json folders = Json::array();
  for (const versions::ModelVersion& v : all) {
    if (std::string folder = folder_of(v); !folder.empty()) folders.push_back(std::move(folder));
  }
  const Json what{{"verb", "delete"}, {"model", model}, {"number", 0}, {"folders", folders}};
  FAIR_TRY(under_note(workspace, versions, what, [&] { return perform(workspace, versions, what); }));
  return std::max(all.size(), published);
}

void settle_left(store::Workspace& workspace, const std::function<Result<versions::VersionStore*>()>& open,
                 const std::function<void(const std::string&)>& say) {
  for (const Json& note : Intent::left_here(workspace.notes())) {
    const std::string what = text_of(note, "verb") + " of " + text_of(note, "model") + " that was broken off";
    const auto settled = [&]() -> Result<> {
      FAIR_TRY_ASSIGN(versions::VersionStore * versions, open());
      FAIR_TRY(settle(workspace, *versions, note));
      return Intent::forget(workspace.notes(), note);
    }();
    say(settled ? "the " + what + " is settled" : "the " + what + " cannot be settled yet: " + settled.error().message());
  }
}

}  // namespace fair::launch
