#include "native/versions/zenml_versions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/field.h"
#include "native/http/url.h"

namespace fair::versions {
namespace {

constexpr const char* record_mark = "\n\nfair-edge record: ";
constexpr std::size_t longest_description = 65000;

/// What ZenML calls the type of a value of run metadata.
const char* type_of(const Json& value) {
  if (value.is_boolean()) return "bool";
  if (value.is_number_integer()) return "int";
  if (value.is_number()) return "float";
  if (value.is_object()) return "dict";
  if (value.is_array()) return "list";
  return "str";
}

Json source(const char* module, const char* attribute, const char* type) { return {{"module", module}, {"attribute", attribute}, {"type", type}}; }

/// A version as the server tells it, with details.
ModelVersion read(const Json& json) {
  ModelVersion out;
  const Json body = member(json, "body");
  out.uuid = text_of(json, "id");
  out.model = text_of(member(body, "model"), "name");
  out.number = member(body, "number").is_number_integer() ? body["number"].get<int>() : 0;
  out.stage = stage_of(text_of(body, "stage"));
  out.created_at = text_of(body, "created") + "Z";  // the server tells UTC and does not say so
  out.metadata = out.artifacts = Json::object();
  const std::string description = text_of(member(json, "metadata"), "description");
  const std::size_t at = description.rfind(record_mark);
  const auto record = at == std::string::npos ? std::nullopt : json_from(description.substr(at + std::string(record_mark).size()));
  if (!record || !record->is_object()) return out;  // made by somebody else
  out.run_id = text_of(*record, "run");
  if (const Json m = member(*record, "metadata"); m.is_object()) out.metadata = m;
  if (const Json a = member(*record, "artifacts"); a.is_object()) out.artifacts = a;
  return out;
}

class ZenmlVersions final : public VersionStore {
 public:
  ZenmlVersions(ZenmlServer server, std::string base) : server_(std::move(server)), base_(std::move(base)) {}

  Result<ModelVersion> add(const NewVersion& added) override {
    const Json record{{"run", added.run_id}, {"metadata", added.metadata}, {"artifacts", added.artifacts}};
    const std::string description = "Made by fAIr-edge, run " + added.run_id + "." + record_mark + record.dump();
    if (description.size() > longest_description)
      return fail(Code::invalid, "metadata of " + added.model, "at most 65,000 bytes", std::to_string(description.size()),
                  "keep less with the version");
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    FAIR_TRY_ASSIGN(const std::string model, make_model(added));
    for (int attempt = 1;; ++attempt) {
      FAIR_TRY_ASSIGN(auto there, of_run(added));
      if (!there) {
        const auto made = server_.call_once("POST", "/model_versions",
                                            {{"project", project}, {"model", model}, {"description", description}, {"tags", tags(added)}});
        if (!made && (made.error().code != Code::io || attempt == 5)) return fail(made.error());
        if (attempt == 10)
          return fail(Code::internal, server_.shown(), "to list the version it made", "none of run " + added.run_id, "look at its log");
        continue;  // an answer that was lost may have been a yes: look
      }
      FAIR_TRY(furnish(*there, added.figures));
      return std::move(*there);
    }
  }

  Result<std::vector<ModelVersion>> versions(const std::string& model) override {
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    std::string of;
    if (!model.empty()) {
      FAIR_TRY_ASSIGN(const std::string id, model_id(model));
      if (id.empty()) return std::vector<ModelVersion>();
      of = "&model=" + id;
    }
    FAIR_TRY_ASSIGN(const auto found, server_.list("/model_versions", "project=" + project + of + "&hydrate=true&sort_by=asc:number"));
    std::vector<ModelVersion> out;
    out.reserve(found.size());
    for (const Json& one : found) out.push_back(read(one));
    std::stable_sort(out.begin(), out.end(), [](const ModelVersion& a, const ModelVersion& b) { return a.model < b.model; });
    return out;
  }

  Result<> set_stage(const std::string& model, int number, Stage stage) override {
    FAIR_TRY_ASSIGN(const ModelVersion version, numbered(model, number));
    // What a program that died between making a version and furnishing it has left undone.
    if (stage == Stage::production && !version.run_id.empty()) FAIR_TRY(furnish(version, Json::object()));
    FAIR_TRY(server_.call("PUT", "/model_versions/" + version.uuid, {{"stage", word(stage)}, {"force", true}}));
    return {};
  }

  Result<> remove(const std::string& model, int number) override {
    FAIR_TRY_ASSIGN(const ModelVersion version, numbered(model, number));
    return erase(version);
  }

  Result<> remove_model(const std::string& model) override {
    FAIR_TRY_ASSIGN(const std::string id, model_id(model));
    if (id.empty()) return {};
    FAIR_TRY_ASSIGN(const auto all, versions(model));
    for (const ModelVersion& version : all) FAIR_TRY(erase(version));
    return gone("/models/" + id);
  }

  [[nodiscard]] std::string name() const override { return server_.shown(); }

 private:
  /// "" where there is none.
  Result<std::string> model_id(const std::string& name) {
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    FAIR_TRY_ASSIGN(const auto found, server_.list("/models", "project=" + project + "&name=" + http::percent_encoded("equals:" + name)));
    return found.empty() ? std::string() : text_of(found.front(), "id");
  }

  /// As fAIr tags its runs.
  static Json tags(const NewVersion& version) {
    Json out = Json::array();
    for (const auto& [tag, key] : {std::pair{"base-model:", "base_model_id"}, std::pair{"dataset:", "dataset_id"}}) {
      if (const std::string value = text_of(version.metadata, key); !value.empty()) out.push_back(tag + value);
    }
    return out;
  }

  Result<std::string> make_model(const NewVersion& version) {
    FAIR_TRY_ASSIGN(std::string id, model_id(version.model));
    if (!id.empty()) return id;
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    const auto made = server_.call("POST", "/models", {{"project", project}, {"name", version.model}, {"tags", Json::array({"fair"})}});
    if (made) return text_of(*made, "id");
    if (made.error().code != Code::conflict) return fail(made.error());
    return model_id(version.model);  // somebody was quicker, or our first attempt was not heard of
  }

  Result<std::optional<ModelVersion>> of_run(const NewVersion& version) {
    FAIR_TRY_ASSIGN(const auto all, versions(version.model));
    for (const ModelVersion& v : all) {
      if (v.run_id == version.run_id) return std::optional<ModelVersion>(v);
    }
    return std::optional<ModelVersion>();
  }

  Result<ModelVersion> numbered(const std::string& model, int number) {
    FAIR_TRY_ASSIGN(const auto all, versions(model));
    for (const ModelVersion& v : all) {
      if (v.number == number) return v;
    }
    return fail(Code::not_found, model + " version " + std::to_string(number), "to be at " + server_.shown(), "no such version",
                "see fair list versions");
  }

  [[nodiscard]] std::string uri(const std::string& path) const { return base_ + "/" + path; }

  /// Artifact versions of that address: ours.
  Result<std::vector<Json>> artifacts_at(const std::string& address) {
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    return server_.list("/artifact_versions", "project=" + project + "&uri=" + http::percent_encoded("equals:" + address));
  }

  /// Run metadata and artifacts, where they are not there yet.
  Result<> furnish(const ModelVersion& version, const Json& figures) {
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    FAIR_TRY_ASSIGN(const Json now, server_.call("GET", "/model_versions/" + version.uuid + "?hydrate=true"));
    if (!member(member(now, "metadata"), "run_metadata").contains("fair/run")) {
      Json values{{"fair/run", version.run_id}}, types{{"fair/run", "str"}};
      const Json metrics = member(version.metadata, "metrics");
      for (const auto& [key, value] : metrics.items()) {
        if (!value.is_null()) values["fair/" + key.substr(key.find(':') + 1)] = value;
      }
      for (const auto& [key, value] : figures.items()) {
        if (!value.is_null() && key.find(':') == std::string::npos) values[key] = value;
      }
      for (const auto& [key, value] : values.items()) types[key] = type_of(value);
      FAIR_TRY(server_.call("POST", "/run-metadata",
                            {{"project", project},
                             {"values", values},
                             {"types", types},
                             {"resources", Json::array({{{"id", version.uuid}, {"type", "model_version"}}})}}));
    }
    for (const auto& [name, path] : version.artifacts.items()) {
      if (path.is_string()) FAIR_TRY(link(version, name, uri(path.get<std::string>())));
    }
    return {};
  }

  Result<> link(const ModelVersion& version, const std::string& name, const std::string& address) {
    FAIR_TRY_ASSIGN(const std::string project, server_.project());
    FAIR_TRY_ASSIGN(const auto there, artifacts_at(address));
    std::string id = there.empty() ? "" : text_of(there.front(), "id");
    if (id.empty()) {
      const bool model = name == "trained_model" || name == "onnx_model";
      FAIR_TRY_ASSIGN(
          const Json made,
          server_.call("POST", "/artifact_versions",
                       {{"project", project},
                        {"artifact_name", name},
                        {"has_custom_name", true},
                        {"type", model ? "ModelArtifact" : "DataArtifact"},
                        {"uri", address},
                        // As ZenML's own register_artifact has it: the client fetches the file and gives its path.
                        {"materializer", source("zenml.artifacts.preexisting_data_materializer", "PreexistingDataMaterializer", "internal")},
                        {"data_type", source("pathlib", "Path", "builtin")},
                        {"save_type", "preexisting"}}));
      id = text_of(made, "id");
    }
    FAIR_TRY(server_.call("POST", "/model_version_artifacts", {{"model_version", version.uuid}, {"artifact_version", id}}));
    return {};
  }

  /// DELETE that may find nothing: said again, or somebody was quicker.
  Result<> gone(const std::string& path) {
    const auto answer = server_.call("DELETE", path);
    if (!answer && answer.error().code != Code::not_found) return fail(answer.error());
    return {};
  }

  /// The version, after the records of its files: what is left half is still a version that can be removed.
  Result<> erase(const ModelVersion& version) {
    for (const auto& [name, path] : version.artifacts.items()) {
      if (!path.is_string()) continue;
      FAIR_TRY_ASSIGN(const auto there, artifacts_at(uri(path.get<std::string>())));
      for (const Json& artifact : there) FAIR_TRY(gone("/artifact_versions/" + text_of(artifact, "id")));
    }
    return gone("/model_versions/" + version.uuid);
  }

  ZenmlServer server_;
  std::string base_;
};

}  // namespace

std::unique_ptr<VersionStore> zenml_versions(ZenmlServer server, std::string artifact_base) {
  return std::make_unique<ZenmlVersions>(std::move(server), std::move(artifact_base));
}

}  // namespace fair::versions
