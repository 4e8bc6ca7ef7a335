#include "native/launch/runtime_image.h"

#include "core/catalog/resolve.h"
#include "native/launch/retried.h"

namespace fair::launch {

void set_runtime(stac::Item& item, stac::Part runtime, const std::string& image) {
  const bool training = runtime == stac::Part::training_runtime;
  std::string key = stac::key_of(item, runtime);
  if (key.empty()) key = training ? "mlm:training" : "mlm:inference";
  Json& asset = item.json()["assets"][key];
  if (!asset.is_object()) asset = Json::object();
  asset["href"] = image;
  asset["type"] = "application/vnd.oci.image.index.v1+json";
  if (!asset.contains("title")) asset["title"] = training ? "Training image" : "Inference image";
  if (!asset.contains("roles")) asset["roles"] = Json::array({training ? "mlm:training-runtime" : "mlm:inference-runtime"});
}

Result<stac::Item> publish_runtime(catalog::CatalogStore& catalog, const std::string& model, stac::Part runtime, const std::string& image,
                                   const std::string& now) {
  return retried([&]() -> Result<stac::Item> {
    FAIR_TRY_ASSIGN(auto found, catalog::find_model(catalog, model));
    set_runtime(found.item, runtime, image);
    found.item.properties()["updated"] = now;
    FAIR_TRY(catalog.commit({{catalog::Write::Kind::put, found.collection, found.item.id(), found.item}}));
    return std::move(found.item);
  });
}

}  // namespace fair::launch
