#include "core/base/field.h"
#include "core/run/config.h"
#include "core/run/config_document.h"
#include "core/stac/assets.h"

namespace fair::run {
namespace {

/// "unet-…-banepa__buildings-…__e3_b4__{date}__{time}": ZenML fills the braces.
std::string run_name(const std::string& model, const std::string& dataset, const Json& hyperparameters) {
  std::string name = model + "__" + dataset;
  const Json& epochs = member(hyperparameters, "epochs");
  const Json& batch = member(hyperparameters, "batch_size");
  if (epochs.is_number() && batch.is_number()) name += "__e" + epochs.dump() + "_b" + batch.dump();
  return name + "__{date}__{time}";
}

Result<std::vector<std::string>> class_names_of(const stac::Item& base) {
  std::vector<std::string> names;
  for (const Json& entry : member(first(base.property("mlm:output")), "classification:classes")) names.push_back(text_of(member(entry, "name")));
  if (!names.empty()) return names;
  return fail(Code::invalid, base.id() + "#/properties/mlm:output/0/classification:classes", "at least one class", "none",
              "list the classes the model tells apart");
}

Result<std::string> required_href(const std::string& href, const std::string& thing, const char* what) {
  if (!href.empty()) return href;
  return fail(Code::invalid, thing + "#/assets", std::string("an asset ") + what + " with a href", "none", "add it to the item");
}

}  // namespace

Result<TrainingConfig> training_config(const stac::Item& base, const stac::Item& dataset, const std::string& model_name,
                                       const Hyperparameters& values, const Environment& environment, const std::string& experiment_tracker) {
  TrainingConfig config;
  config.run_name = run_name(model_name, dataset.id(), values.training);
  config.model_name = model_name;
  config.base_model_id = base.id();
  config.dataset_id = dataset.id();
  FAIR_TRY_ASSIGN(config.base_model_weights, required_href(stac::href_of(base, stac::Part::checkpoint), base.id(), "checkpoint"));
  FAIR_TRY_ASSIGN(config.dataset_chips, required_href(dataset.asset_href("chips"), dataset.id(), "chips"));
  FAIR_TRY_ASSIGN(config.dataset_labels, required_href(dataset.asset_href("labels"), dataset.id(), "labels"));
  config.hyperparameters = values.training;
  FAIR_TRY_ASSIGN(config.class_names, class_names_of(base));
  config.num_classes = static_cast<int>(config.class_names.size());
  config.tags = {"model:" + model_name, "base-model:" + base.id(), "dataset:" + dataset.id()};
  config.parent_image = stac::image_of(base, stac::Part::training_runtime);
  config.experiment_tracker = experiment_tracker;
  config.experiment_name = model_name;
  config.experiment_run_name = config.run_name;
  config.pod_settings = pod_settings(base, "training", environment.training, environment);
  return config;
}

Json TrainingConfig::to_json() const {
  Json document = document_;
  put_or_drop(document, "run_name", run_name, !run_name.empty());
  document["model"]["name"] = model_name;
  Json& parameters = document["parameters"];
  parameters["base_model_weights"] = base_model_weights;
  for (const auto& [key, href] : {std::pair<const char*, const std::string&>{"dataset_chips", dataset_chips}, {"dataset_labels", dataset_labels}}) {
    Json& value = parameters[key];
    if (value.is_object() && value.size() == 1) *value.begin() = href;
    else value = href;
  }
  parameters["hyperparameters"] = hyperparameters;
  parameters["num_classes"] = num_classes;
  document["tags"] = tags;
  Json settings = document.contains("settings") ? document["settings"] : Json::object();
  if (!parent_image.empty()) {
    if (!settings.contains("docker")) settings["docker"] = docker_settings(parent_image);
    settings["docker"]["parent_image"] = parent_image;
  } else {
    settings.erase("docker");
  }
  if (!experiment_name.empty()) {
    settings["experiment_tracker.mlflow"]["experiment_name"] = experiment_name;
    put_or_drop(settings["experiment_tracker.mlflow"], "run_name", experiment_run_name, !experiment_run_name.empty());
  }
  put_or_drop(document, "settings", settings, !settings.empty());
  Json& train = document["steps"]["train_model"];
  put_or_drop(train, "experiment_tracker", experiment_tracker, !experiment_tracker.empty());
  train["parameters"]["model_name"] = model_name;
  train["parameters"]["base_model_id"] = base_model_id;
  train["parameters"]["dataset_id"] = dataset_id;
  if (!pod_settings.empty()) train["settings"]["orchestrator.kubernetes"]["pod_settings"] = pod_settings;
  Json& evaluate = document["steps"]["evaluate_model"];
  put_or_drop(evaluate, "experiment_tracker", experiment_tracker, !experiment_tracker.empty());
  evaluate["parameters"]["class_names"] = class_names;
  if (!pod_settings.empty()) evaluate["settings"]["orchestrator.kubernetes"]["pod_settings"] = pod_settings;
  if (!extra.empty()) document["extra"]["fair"] = extra;
  return document;
}

Result<TrainingConfig> TrainingConfig::from_json(const Json& document, const std::string& thing) {
  FAIR_TRY(require_config(document, thing, ConfigKind::training));
  TrainingConfig config;
  const Json& parameters = member(document, "parameters");
  const Json& train = member(member(document, "steps"), "train_model");
  config.run_name = text_of(member(document, "run_name"));
  config.model_name = text_of(member(member(document, "model"), "name"));
  if (config.model_name.empty())
    return fail(Code::invalid, thing + "#/model/name", "the finetuned model's name", shown(member(document, "model")), "correct the config");
  config.base_model_id = text_of(member(member(train, "parameters"), "base_model_id"));
  config.dataset_id = text_of(member(member(train, "parameters"), "dataset_id"));
  FAIR_TRY_ASSIGN(config.base_model_weights, href_parameter(parameters, "base_model_weights", thing));
  FAIR_TRY_ASSIGN(config.dataset_chips, href_parameter(parameters, "dataset_chips", thing));
  FAIR_TRY_ASSIGN(config.dataset_labels, href_parameter(parameters, "dataset_labels", thing));
  FAIR_TRY_ASSIGN(config.hyperparameters, object_parameter(parameters, "hyperparameters", thing));
  const Json& classes = member(parameters, "num_classes");
  if (!classes.is_number_integer() || classes.get<std::int64_t>() < 1 || classes.get<std::int64_t>() > 256) {
    return fail(Code::invalid, thing + "#/parameters/num_classes", "a whole number from 1 to 256", shown(classes), "correct the config");
  }
  config.num_classes = classes.get<int>();
  config.class_names = texts_of(member(member(member(member(document, "steps"), "evaluate_model"), "parameters"), "class_names"));
  config.tags = texts_of(member(document, "tags"));
  const Json& settings = member(document, "settings");
  config.parent_image = text_of(member(member(settings, "docker"), "parent_image"));
  config.experiment_tracker = text_of(member(train, "experiment_tracker"));
  config.experiment_name = text_of(member(member(settings, "experiment_tracker.mlflow"), "experiment_name"));
  config.experiment_run_name = text_of(member(member(settings, "experiment_tracker.mlflow"), "run_name"));
  config.pod_settings = pod_settings_of(train);
  config.extra = extra_of(document);
  config.document_ = document;
  return config;
}

}  // namespace fair::run
