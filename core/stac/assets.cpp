#include "core/stac/assets.h"

#include <initializer_list>

#include "core/base/field.h"
#include "core/stac/rules.h"

namespace fair::stac {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_onnx(const Json& asset) {
  const std::string type = text_of(member(asset, "mlm:artifact_type"));
  return type.empty() ? ends_with(text_of(member(asset, "href")), ".onnx") : type == "onnx";
}

bool has_role(const Json& asset, std::string_view role) {
  for (const std::string& one : texts_of(member(asset, "roles"))) {
    if (one == role) return true;
  }
  return false;
}

template <class Wanted>
std::string find(const Item& item, std::initializer_list<const char*> keys, Wanted wanted, const char* role) {
  for (const char* const key : keys) {
    const Json& asset = item.asset(key);
    if (asset.is_object() && wanted(asset)) return key;
  }
  const Json& assets = member(item.json(), "assets");
  if (!assets.is_object()) return {};
  for (const auto& [key, asset] : assets.items()) {
    if (has_role(asset, role) && wanted(asset)) return key;
  }
  return {};
}

bool any(const Json&) { return true; }

}  // namespace

std::string key_of(const Item& item, Part part) {
  switch (part) {
    case Part::onnx: {
      // A "model" that says nothing of its type and ends in nothing known is taken at its name.
      const auto unsaid = [](const Json& asset) {
        return is_onnx(asset) || (text_of(member(asset, "mlm:artifact_type")).empty() && !has_role(asset, "mlm:weights"));
      };
      if (std::string key = find(item, {"model", "mlm:model"}, is_onnx, "mlm:model"); !key.empty()) return key;
      return find(item, {"model", "mlm:model"}, unsaid, "mlm:compiled");
    }
    case Part::checkpoint:
      return find(
          item, {"checkpoint", "model", "mlm:model", "weights"}, [](const Json& asset) { return !is_onnx(asset); }, "mlm:weights");
    case Part::source_code: return find(item, {"source-code", "code"}, any, "code");
    case Part::training_runtime: return find(item, {"mlm:training", "training-runtime"}, any, "mlm:training-runtime");
    case Part::inference_runtime: return find(item, {"mlm:inference", "inference-runtime"}, any, "mlm:inference-runtime");
  }
  return {};
}

std::string href_of(const Item& item, Part part) {
  const std::string key = key_of(item, part);
  return key.empty() ? std::string() : item.asset_href(key);
}

std::string image_of(const Item& item, Part runtime) {
  const std::string key = key_of(item, runtime);
  std::string href = key.empty() ? std::string() : item.asset_href(key);
  for (const std::string_view scheme : {std::string_view("docker://"), std::string_view("oci://")}) {
    if (href.compare(0, scheme.size(), scheme) == 0) href.erase(0, scheme.size());
  }
  if (href == "local") return {};
  const std::string type = text_of(member(item.asset(key), "type"));
  const bool image =
      type.empty() ? href.find(':') != std::string::npos && href.compare(0, 4, "http") != 0 : type.find("vnd.oci.image") != std::string::npos;
  return image ? href : std::string();
}

Result<> make_absolute(Item& item, const std::string& address) {
  const std::string plain = address.substr(0, address.find_first_of("?#"));
  const std::string folder = plain.substr(0, plain.rfind('/') + 1);
  const auto assets = item.json().find("assets");
  if (assets == item.json().end() || !assets->is_object()) return {};
  for (const auto& [key, asset] : assets->items()) {
    if (!asset.is_object() || !asset.contains("href") || !asset["href"].is_string()) continue;
    std::string href = asset["href"].get<std::string>();
    const bool runtime = href.find('/') == std::string::npos && href.find('.') == std::string::npos;  // "local"
    if (href.empty() || runtime || href.find("://") != std::string::npos) continue;
    if (href.front() == '/' || climbs_out(href))
      return fail(Code::invalid, item.id() + "#/assets/" + key, "an address, or a file beside the item", href, "correct the item");
    while (href.rfind("./", 0) == 0) href.erase(0, 2);
    asset["href"] = folder + href;
  }
  return {};
}

}  // namespace fair::stac
