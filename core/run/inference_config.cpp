#include "core/base/field.h"
#include "core/run/config.h"
#include "core/run/config_document.h"
#include "core/stac/assets.h"

namespace fair::run {

Result<InferenceConfig> inference_config(const stac::Item& model, const std::string& input_images, const Hyperparameters& values,
                                         const Environment& environment) {
  const std::string href = stac::href_of(model, stac::Part::onnx);
  if (href.empty()) return fail(Code::invalid, model.id() + "#/assets", "an ONNX model", "none", "add the asset model with mlm:artifact_type onnx");
  InferenceConfig config = inference_config(href, input_images, values, environment);
  config.tags = {"model:" + model.id()};
  // The pipeline's own image runs it as a step; the inference image is the service's.
  config.parent_image = stac::image_of(model, stac::Part::training_runtime);
  config.pod_settings = pod_settings(model, "inference", environment.inference, environment);
  return config;
}

InferenceConfig inference_config(const std::string& model_uri, const std::string& input_images, const Hyperparameters& values,
                                 const Environment& environment) {
  InferenceConfig config;
  config.model_uri = model_uri;
  config.input_images = input_images;
  config.inference_params = values.inference;
  config.pod_settings = pod_settings(stac::Item(), "inference", environment.inference, environment);
  return config;
}

Json InferenceConfig::to_json() const {
  Json document = document_;
  Json& parameters = document["parameters"];
  parameters["model_uri"] = model_uri;
  Json& images = parameters["input_images"];
  if (images.is_object() && images.size() == 1) *images.begin() = input_images;
  else images = input_images;
  parameters["inference_params"] = inference_params;
  put_or_drop(document, "tags", tags, !tags.empty());
  Json settings = document.contains("settings") ? document["settings"] : Json::object();
  if (!parent_image.empty()) {
    if (!settings.contains("docker")) settings["docker"] = docker_settings(parent_image);
    settings["docker"]["parent_image"] = parent_image;
  } else {
    settings.erase("docker");
  }
  put_or_drop(document, "settings", settings, !settings.empty());
  if (!pod_settings.empty()) document["steps"]["run_inference"]["settings"]["orchestrator.kubernetes"]["pod_settings"] = pod_settings;
  if (!extra.empty()) document["extra"]["fair"] = extra;
  return document;
}

Result<InferenceConfig> InferenceConfig::from_json(const Json& document, const std::string& thing) {
  FAIR_TRY(require_config(document, thing, ConfigKind::inference));
  InferenceConfig config;
  const Json& parameters = member(document, "parameters");
  FAIR_TRY_ASSIGN(config.model_uri, href_parameter(parameters, "model_uri", thing));
  FAIR_TRY_ASSIGN(config.input_images, href_parameter(parameters, "input_images", thing));
  FAIR_TRY_ASSIGN(config.inference_params, object_parameter(parameters, "inference_params", thing));
  config.tags = texts_of(member(document, "tags"));
  config.parent_image = text_of(member(member(member(document, "settings"), "docker"), "parent_image"));
  config.pod_settings = pod_settings_of(member(member(document, "steps"), "run_inference"));
  config.extra = extra_of(document);
  config.document_ = document;
  return config;
}

}  // namespace fair::run
