#include "native/serve/job_request.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/vector/area_document.h"
#include "native/io/atomic_file.h"
#include "native/serve/prediction_request.h"

namespace fair::serve {
namespace {

constexpr std::size_t longest_name = 200, longest_description = 2000;

bool is_word(const std::string& text) {
  return !text.empty() && text.size() <= longest_name && std::isalnum(static_cast<unsigned char>(text.front())) != 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128 && (std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_'); });
}

/// A name of the catalogue. Paths and options are none, so that nothing else can be meant by it on the program's command line.
Result<std::string> word(const Json& body, const char* key) {
  const Json given = body.value(key, Json());
  if (!given.is_string() || !is_word(given.get_ref<const std::string&>())) {
    return fail(Code::usage, key, "a name of letters, digits, dots, dashes and underscores", given.is_null() ? "none" : given.dump().substr(0, 100),
                "give it as GET /models spells it");
  }
  return given.get<std::string>();
}

Result<> check_values(const Json& values, const char* key) {
  if (!values.is_object()) return fail(Code::usage, key, "an object", values.type_name(), "give names and values");
  for (const auto& [name, value] : values.items()) {
    if (!is_word(name)) return fail(Code::usage, key, "names of letters, digits, dots and underscores", name.substr(0, 100), "see the model's item");
    if (value.is_structured()) return fail(Code::usage, std::string(key) + "." + name, "a number, a text or a truth value", value.type_name());
  }
  return {};
}

void add_values(std::vector<std::string>& words, const Json& values) {
  for (const auto& [name, value] : values.items())
    words.push_back("--set=" + name + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
}

std::string degrees(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9f", value);
  return text;
}

Result<> check_prediction(const Json& body) {
  FAIR_TRY(word(body, "model_stac_id"));
  Json as_request = body;
  as_request["model_uri"] = body["model_stac_id"];
  if (body.contains("bbox") == body.contains("geometry")) {
    return fail(Code::usage, "bbox, geometry", "one of the two", body.contains("bbox") ? "both" : "neither", "say which area");
  }
  if (body.contains("geometry")) {
    FAIR_TRY_ASSIGN(const vector::MultiPolygon area, vector::polygons_from(body["geometry"], "geometry"));
    if (area.empty()) return fail(Code::usage, "geometry", "a polygon", "none", "say which area");
    as_request["bbox"] = {0, 0, 1, 1};  // the polygons' own is taken
  }
  FAIR_TRY_ASSIGN(const PredictionRequest request, PredictionRequest::from_json(as_request));
  if (request.image_uri.rfind("http://", 0) != 0 && request.image_uri.rfind("https://", 0) != 0) {
    return fail(Code::usage, "image_uri", "an http or https address", request.image_uri.substr(0, 100), "give a template of tiles or TileJSON");
  }
  return check_values(request.params, "params");
}

}  // namespace

Result<JobRequest> JobRequest::from_json(const Json& body) {
  if (!body.is_object()) return fail(Code::usage, "body", "an object with kind", body.type_name(), "send JSON");
  JobRequest out;
  out.body = body;
  const Json kind = body.value("kind", body.contains("model_stac_id") ? Json("predict") : Json());
  if (kind.is_string()) out.kind = kind.get<std::string>();
  const Json description = body.value("description", Json(""));
  if (!description.is_string() || description.get_ref<const std::string&>().size() > longest_description) {
    return fail(Code::usage, "description", "a text of at most " + std::to_string(longest_description) + " bytes", description.type_name(),
                "shorten it");
  }
  out.description = description.get<std::string>();
  if (out.kind == "predict") {
    FAIR_TRY(check_prediction(body));
  } else if (out.kind == "compat") {
    FAIR_TRY(word(body, "model_id"));
    FAIR_TRY(word(body, "dataset_id"));
  } else if (out.kind == "finetune") {
    for (const char* key : {"base_model_id", "dataset_id", "model_name"}) FAIR_TRY(word(body, key));
    FAIR_TRY(check_values(body.value("hyperparameters", Json::object()), "hyperparameters"));
    const Json minutes = body.value("max_minutes", Json(1));
    if (!minutes.is_number() || !(minutes > 0) || minutes > 100'000) {
      return fail(Code::usage, "max_minutes", "a number above 0", minutes.dump().substr(0, 100), "leave it out for no limit");
    }
  } else if (out.kind == "promote" || out.kind == "archive" || out.kind == "delete") {
    FAIR_TRY(word(body, "model_name"));
    const Json version = body.value("version", Json());
    const bool all = out.kind == "delete" && version.is_null();
    if (!all && (!version.is_number_integer() || version < 1 || version > 1'000'000)) {
      return fail(Code::usage, "version", "a whole number from 1 on", version.is_null() ? "none" : version.dump().substr(0, 100), "give the version");
    }
  } else {
    return fail(Code::usage, "kind", "predict, finetune, promote, archive, delete or compat", kind.is_null() ? "none" : kind.dump().substr(0, 100),
                "say what to do");
  }
  return out;
}

Result<std::vector<std::string>> JobRequest::words(const JobSurroundings& around, const std::filesystem::path& folder) const {
  std::vector<std::string> out{"--workspace=" + around.workspace, "--json"};
  if (!around.stack.empty()) out.push_back("--stack=" + around.stack);
  out.push_back(kind);
  const auto text = [this](const char* key) { return body[key].get<std::string>(); };
  if (kind == "predict") {
    out.push_back("--model=" + text("model_stac_id"));
    out.push_back("--images=" + text("image_uri"));
    out.push_back("--zoom=" + body["zoom"].dump());
    out.push_back("--max-tiles=" + std::to_string(around.tiles));
    out.push_back("--out=" + (folder / "result.geojson").string());
    if (body.contains("tile_size")) out.push_back("--tile-size=" + body["tile_size"].dump());
    if (body.contains("geometry")) {
      FAIR_TRY(io::write_whole(folder / "area.geojson", to_text(body["geometry"])));
      out.push_back("--area=" + (folder / "area.geojson").string());
    } else {
      FAIR_TRY_ASSIGN(const geo::Bounds box, box_from(body["bbox"]));
      out.push_back("--bbox=" + degrees(box.west) + "," + degrees(box.south) + "," + degrees(box.east) + "," + degrees(box.north));
    }
    add_values(out, body["params"]);
    out.emplace_back("--only-public");
    for (const std::string& host : around.addresses.hosts) out.push_back("--allow-host=" + host);
    for (const std::string& network : around.addresses.networks) out.push_back("--allow-private=" + network);
    if (around.addresses.https_only) out.emplace_back("--https-only");
  } else if (kind == "finetune") {
    out.push_back("--base=" + text("base_model_id"));
    out.push_back("--dataset=" + text("dataset_id"));
    out.push_back("--name=" + text("model_name"));
    if (body.contains("max_minutes")) out.push_back("--max-minutes=" + body["max_minutes"].dump());
    add_values(out, body.value("hyperparameters", Json::object()));
  } else if (kind == "compat") {
    out.push_back(text("model_id"));
    out.push_back(text("dataset_id"));
  } else {
    out.push_back(text("model_name"));
    if (!body.value("version", Json()).is_null()) out.push_back(body["version"].dump());
  }
  return out;
}

}  // namespace fair::serve
