// The config that drives every run, in the shape ZenML reads; generated from items, kept with the run, and read back to repeat it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/hyperparameters.h"
#include "core/stac/item.h"

namespace fair::run {

/// Memory and CPU of one kind of step, in Kubernetes' quantities ("2Gi", "500m"); "" asks for nothing.
struct Resources {
  std::string memory_request, memory_limit, cpu_request, cpu_limit;
};

/// What a config takes from the environment it is made in. Core reads none itself: the host passes it.
struct Environment {
  std::string label_domain = "fair.dev";
  bool force_cpu = false;
  Resources training{"2Gi", "2.5Gi", "", ""};
  Resources inference{"1Gi", "2Gi", "", ""};

  /// FAIR_LABEL_DOMAIN, FAIR_FORCE_CPU, FAIR_{TRAINING,INFERENCE}_{MEMORY,CPU}_{REQUEST,LIMIT}, else FAIR_K8S_…, else the defaults above.
  /// `look_up` gives a variable's value, nothing where it is unset.
  [[nodiscard]] static Environment from(const std::function<std::optional<std::string>(const std::string&)>& look_up);
};

/// A training run.
struct TrainingConfig {
  std::string run_name;    ///< may hold ZenML's {date} and {time}
  std::string model_name;  ///< of the finetuned model
  std::string base_model_id, dataset_id;
  std::string base_model_weights;             ///< href of the checkpoint
  std::string dataset_chips, dataset_labels;  ///< hrefs
  Json hyperparameters = Json::object();      ///< without prefix
  int num_classes = 0;
  std::vector<std::string> class_names;
  std::vector<std::string> tags;
  std::string parent_image;        ///< OCI image, or "" where the runtime is local
  std::string experiment_tracker;  ///< "" for none
  std::string experiment_name, experiment_run_name;
  Json pod_settings = Json::object();
  Json extra = Json::object();  ///< what only this toolkit needs to repeat the run; written as extra.fair

  /// The ZenML-shaped document. Members of a document it was read from that have no field here are kept.
  [[nodiscard]] Json to_json() const;
  /// Errors name the member of `thing`.
  [[nodiscard]] static Result<TrainingConfig> from_json(const Json& document, const std::string& thing);

 private:
  Json document_ = Json::object();
};

/// An inference run.
struct InferenceConfig {
  std::string model_uri, input_images;
  Json inference_params = Json::object();  ///< without prefix
  std::vector<std::string> tags;
  std::string parent_image;
  Json pod_settings = Json::object();
  Json extra = Json::object();

  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static Result<InferenceConfig> from_json(const Json& document, const std::string& thing);

 private:
  Json document_ = Json::object();
};

enum class ConfigKind { training, inference };
/// By its parameters. Code::invalid where it is neither.
[[nodiscard]] Result<ConfigKind> kind_of(const Json& document, const std::string& thing);

/// Config of a finetuning. `values.training` goes in; hrefs are the items' own, to be replaced by the caller where they resolve to something nearer.
[[nodiscard]] Result<TrainingConfig> training_config(const stac::Item& base, const stac::Item& dataset, const std::string& model_name,
                                                     const Hyperparameters& values, const Environment& environment,
                                                     const std::string& experiment_tracker = {});

/// Config of a prediction with a base or local model. `values.inference` goes in.
[[nodiscard]] Result<InferenceConfig> inference_config(const stac::Item& model, const std::string& input_images, const Hyperparameters& values,
                                                       const Environment& environment);
/// With a model's file alone, which has no item to say what else it wants.
[[nodiscard]] InferenceConfig inference_config(const std::string& model_uri, const std::string& input_images, const Hyperparameters& values,
                                               const Environment& environment);

}  // namespace fair::run
