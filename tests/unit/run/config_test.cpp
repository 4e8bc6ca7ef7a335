#include "core/run/config.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/unit/stac/items.h"

namespace fair::run {
namespace {

const stac::Item base = test::item(test::base_model_json());
const stac::Item dataset = test::item(test::dataset_json());

Hyperparameters values() { return HyperparameterSpec::from_item(base).value().with({"epochs=3"}).value(); }

Environment environment(const std::map<std::string, std::string>& variables) {
  return Environment::from([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

const Json& pod(const Json& document, const char* step) { return document["steps"][step]["settings"]["orchestrator.kubernetes"]["pod_settings"]; }

TEST(RunConfig, TrainingHasZenMlsShape) {
  const Json json = training_config(base, dataset, "unet-finetuned", values(), {}, "mlflow").value().to_json();
  EXPECT_EQ(json["model"]["name"], "unet-finetuned");
  EXPECT_EQ(json["parameters"]["base_model_weights"], "https://example.org/a.pth");
  EXPECT_EQ(json["parameters"]["dataset_chips"], "./chips");
  EXPECT_EQ(json["parameters"]["dataset_labels"], "./labels.geojson");
  EXPECT_EQ(json["parameters"]["hyperparameters"]["epochs"], 3);
  EXPECT_FALSE(json["parameters"]["hyperparameters"].contains("confidence_threshold"));
  EXPECT_EQ(json["parameters"]["num_classes"], 2);
  EXPECT_EQ(json["tags"].dump(), R"(["model:unet-finetuned","base-model:unet-segmentation","dataset:buildings-banepa"])");
  EXPECT_EQ(json["settings"]["docker"].dump(), R"({"parent_image":"ghcr.io/example/unet:latest","skip_build":true})");
  EXPECT_EQ(json["settings"]["experiment_tracker.mlflow"]["experiment_name"], "unet-finetuned");
  EXPECT_EQ(json["steps"]["train_model"]["experiment_tracker"], "mlflow");
  EXPECT_EQ(json["steps"]["train_model"]["parameters"].dump(),
            R"({"model_name":"unet-finetuned","base_model_id":"unet-segmentation","dataset_id":"buildings-banepa"})");
  EXPECT_EQ(json["steps"]["evaluate_model"]["parameters"]["class_names"].dump(), R"(["background","building"])");
  for (const char* step : {"train_model", "evaluate_model"}) {
    EXPECT_EQ(pod(json, step)["node_selectors"].dump(), R"({"fair.dev/training":"true"})");
    EXPECT_EQ(pod(json, step)["tolerations"][0]["effect"], "NoSchedule");
    EXPECT_EQ(pod(json, step)["resources"].dump(), R"({"requests":{"memory":"2Gi"},"limits":{"memory":"2.5Gi"}})");
  }
}

TEST(RunConfig, InferenceHasZenMlsShape) {
  const Json json = inference_config(base, "s3://chips/", values(), {}).value().to_json();
  EXPECT_EQ(json["parameters"].dump(),
            R"({"model_uri":"https://example.org/a.onnx","input_images":"s3://chips/","inference_params":{"confidence_threshold":0.5}})");
  EXPECT_EQ(pod(json, "run_inference")["node_selectors"].dump(), R"({"fair.dev/inference":"true"})");
  EXPECT_EQ(pod(json, "run_inference")["resources"].dump(), R"({"requests":{"memory":"1Gi"},"limits":{"memory":"2Gi"}})");
}

TEST(RunConfig, LocalRuntimesNeedNoImage) {
  Json item = test::base_model_json();
  item["assets"]["mlm:training"]["href"] = "local";
  EXPECT_FALSE(training_config(test::item(item), dataset, "m", values(), {}).value().to_json()["settings"].contains("docker"));
}

TEST(RunConfig, EnvironmentDecidesLabelsAndResources) {
  const Environment own = environment({{"FAIR_LABEL_DOMAIN", "example.org"},
                                       {"FAIR_TRAINING_MEMORY_LIMIT", "9Gi"},
                                       {"FAIR_K8S_MEMORY_LIMIT", "5Gi"},
                                       {"FAIR_K8S_CPU_REQUEST", "500m"}});
  const Json training = training_config(base, dataset, "m", values(), own).value().to_json();
  EXPECT_EQ(pod(training, "train_model")["node_selectors"].dump(), R"({"example.org/training":"true"})");
  EXPECT_EQ(pod(training, "train_model")["resources"].dump(), R"({"requests":{"memory":"2Gi","cpu":"500m"},"limits":{"memory":"9Gi"}})");
  const Json inference = inference_config(base, "x", values(), own).value().to_json();
  EXPECT_EQ(pod(inference, "run_inference")["resources"]["limits"]["memory"], "5Gi");
}

TEST(RunConfig, ModelsFileAloneGetsTheEnvironmentsPods) {
  const Environment own = environment({{"FAIR_LABEL_DOMAIN", "example.org"}, {"FAIR_K8S_MEMORY_LIMIT", "5Gi"}});
  const Json config = inference_config("model.onnx", "x", values(), own).to_json();
  EXPECT_EQ(config["parameters"]["model_uri"], "model.onnx");
  EXPECT_EQ(pod(config, "run_inference")["resources"]["limits"]["memory"], "5Gi");
  EXPECT_EQ(pod(config, "run_inference")["node_selectors"],
            pod(inference_config(base, "x", values(), own).value().to_json(), "run_inference")["node_selectors"]);
}

TEST(RunConfig, AcceleratorsAskForGpusUnlessForcedToCpu) {
  Json item = test::base_model_json();
  item["properties"]["mlm:accelerator"] = "cuda";
  item["properties"]["mlm:accelerator_count"] = 2;
  const auto resources = [&](const Environment& from) {
    return pod(training_config(test::item(item), dataset, "m", values(), from).value().to_json(), "train_model")["resources"].dump();
  };
  EXPECT_EQ(resources({}), R"({"requests":{"nvidia.com/gpu":"2"},"limits":{"nvidia.com/gpu":"2"}})");
  EXPECT_EQ(resources(environment({{"FAIR_FORCE_CPU", "1"}})), R"({"requests":{"memory":"2Gi"},"limits":{"memory":"2.5Gi"}})");
  item["properties"]["mlm:accelerator"] = "amd64";
  EXPECT_EQ(resources({}), R"({"requests":{"memory":"2Gi"},"limits":{"memory":"2.5Gi"}})");
}

TEST(RunConfig, ReadsBackExactly) {
  TrainingConfig config = training_config(base, dataset, "m", values(), {}, "mlflow").value();
  config.extra = {{"max_minutes", 10}, {"seed", 7}};
  const std::string text = to_text(config.to_json());
  const TrainingConfig back = TrainingConfig::from_json(parse_json(text, "run.json").value(), "run.json").value();
  EXPECT_EQ(to_text(back.to_json()), text);
  EXPECT_EQ(back.extra["seed"], 7);
  EXPECT_EQ(back.hyperparameters, config.hyperparameters);
  EXPECT_EQ(back.class_names, config.class_names);
  EXPECT_EQ(back.experiment_run_name, config.experiment_run_name);

  InferenceConfig inference = inference_config(base, "s3://chips/", values(), {}).value();
  inference.extra = {{"zoom", 19}};
  const std::string other = to_text(inference.to_json());
  EXPECT_EQ(to_text(InferenceConfig::from_json(parse_json(other, "i").value(), "i").value().to_json()), other);
}

TEST(RunConfig, ForeignMembersAndNamedInputsSurvive) {
  Json document = training_config(base, dataset, "m", values(), {}).value().to_json();
  document["enable_cache"] = false;
  document["settings"]["docker"]["requirements"] = {"torch"};
  document["parameters"]["dataset_chips"] = {{"rgb", "./chips"}};
  TrainingConfig config = TrainingConfig::from_json(document, "run.yaml").value();
  EXPECT_EQ(config.dataset_chips, "./chips");
  EXPECT_EQ(to_text(config.to_json()), to_text(document));
  config.dataset_chips = "/data/chips";
  EXPECT_EQ(config.to_json()["parameters"]["dataset_chips"].dump(), R"({"rgb":"/data/chips"})");
}

TEST(RunConfig, WrongDocumentsNameTheMember) {
  const Json right = training_config(base, dataset, "m", values(), {}).value().to_json();
  const auto thing = [&](const std::function<void(Json&)>& change) {
    Json document = right;
    change(document);
    const auto read = TrainingConfig::from_json(document, "run.yaml");
    return read ? std::string("read") : read.error().thing;
  };
  EXPECT_EQ(thing([](Json& d) { d = Json::array(); }), "run.yaml");
  EXPECT_EQ(thing([](Json& d) { d.erase("parameters"); }), "run.yaml#/parameters");
  EXPECT_EQ(thing([](Json& d) { d["parameters"]["num_classes"] = 0; }), "run.yaml#/parameters/num_classes");
  EXPECT_EQ(thing([](Json& d) { d["parameters"]["num_classes"] = "two"; }), "run.yaml#/parameters/num_classes");
  EXPECT_EQ(thing([](Json& d) { d["parameters"]["dataset_chips"] = 5; }), "run.yaml#/parameters/dataset_chips");
  EXPECT_EQ(thing([](Json& d) { d["parameters"]["hyperparameters"] = "fast"; }), "run.yaml#/parameters/hyperparameters");
  EXPECT_EQ(thing([](Json& d) { d.erase("model"); }), "run.yaml#/model/name");
  EXPECT_EQ(InferenceConfig::from_json(right, "run.yaml").error().hint, "use it with fair finetune");
  EXPECT_EQ(kind_of(right, "run.yaml").value(), ConfigKind::training);
}

TEST(RunConfig, ItemsWithoutTheNeededAssetsAreRefused) {
  Json item = test::base_model_json();
  item["assets"].erase("model");
  EXPECT_EQ(inference_config(test::item(item), "x", values(), {}).error().thing, "unet-segmentation#/assets");
  item["assets"].erase("checkpoint");
  EXPECT_EQ(training_config(test::item(item), dataset, "m", values(), {}).error().thing, "unet-segmentation#/assets");
}

}  // namespace
}  // namespace fair::run
