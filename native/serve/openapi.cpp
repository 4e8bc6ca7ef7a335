#include "native/serve/openapi.h"

#include "core/base/json.h"
#include "native/serve/answers.h"

namespace fair::serve {
namespace {

Json ref(const char* section, const char* name) { return {{"$ref", std::string("#/components/") + section + "/" + name}}; }
Json schema(const char* name) { return ref("schemas", name); }

Json content(const char* type, Json of) { return {{type, {{"schema", std::move(of)}}}}; }
Json reply(const char* description, const char* type, Json of) { return {{"description", description}, {"content", content(type, std::move(of))}}; }

/// The refusals that any route with a body may give, beside its own answers.
Json responses(Json own, std::initializer_list<const char*> refusals) {
  for (const char* status : refusals) own[status] = ref("responses", "refused");
  return own;
}

Json body_of(const char* name) { return {{"required", true}, {"content", content("application/json", schema(name))}}; }
Json in_path(const char* name) { return {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}, {"minLength", 1}}}}; }

Json get(const char* id, const char* summary, Json answers, Json parameters = Json::array()) {
  Json out{{"operationId", id}, {"summary", summary}};
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  out["responses"] = std::move(answers);
  return {{"get", std::move(out)}};
}

Json predict(const char* id, bool of_service) {
  Json parameters = Json::array({{{"name", "stream"},
                                  {"in", "query"},
                                  {"description", "Features as they close, as a GeoJSON text sequence (RFC 8142)."},
                                  {"schema", {{"type", "integer"}, {"enum", {0, 1}}}}}});
  if (of_service) parameters.push_back(in_path("service"));
  const Json ok{
      {"description", "What the model sees."},
      {"content",
       {{"application/geo+json", {{"schema", schema("FeatureCollection")}}}, {"application/geo+json-seq", {{"schema", {{"type", "string"}}}}}}}};
  return {{"post",
           {{"operationId", id},
            {"summary", of_service ? "Predict with a model of one base model" : "Predict with any model"},
            {"parameters", parameters},
            {"requestBody", body_of("PredictionRequest")},
            {"responses", responses({{"200", ok}}, {"400", "404", "413", "415", "429", "504"})}}}};
}

constexpr const char* schemas = R"json({
  "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}, "code": {"type": "string"}, "thing": {"type": "string"},
    "expected": {"type": "string"}, "found": {"type": "string"}, "hint": {"type": "string"}}},
  "BBox": {"type": "array", "items": {"type": "number", "minimum": -180, "maximum": 180}, "minItems": 4, "maxItems": 4,
    "description": "west, south, east, north in degrees (EPSG:4326)", "examples": [[85.52, 27.63, 85.53, 27.64]]},
  "Params": {"type": "object", "required": ["confidence_threshold"], "additionalProperties": true,
    "properties": {"confidence_threshold": {"type": "number", "minimum": 0, "maximum": 1}},
    "description": "What the model's item knows as inference.*, without that prefix."},
  "PredictionRequest": {"type": "object", "required": ["model_uri", "image_uri", "bbox", "zoom", "params"], "properties": {
    "model_uri": {"type": "string", "minLength": 1, "description": "Where the ONNX file lies, or a name of /models."},
    "image_uri": {"type": "string", "minLength": 1, "description": "A template of tiles (XYZ, TMS, quadkey, WMS, WMTS), or TileJSON.",
      "examples": ["https://tiles.example.org/{z}/{x}/{y}.png"]},
    "bbox": {"$ref": "#/components/schemas/BBox"},
    "zoom": {"type": "integer", "minimum": 14, "maximum": 22},
    "tile_size": {"type": "integer", "enum": [256, 512]},
    "params": {"$ref": "#/components/schemas/Params"}}},
  "FeatureCollection": {"type": "object", "required": ["type", "features"], "properties": {"type": {"const": "FeatureCollection"},
    "features": {"type": "array", "items": {"type": "object", "required": ["type", "geometry", "properties"],
      "properties": {"type": {"const": "Feature"}, "id": {"type": "string"}, "geometry": {"type": "object"}, "properties": {"type": "object"}}}}}},
  "Models": {"type": "object", "required": ["services", "models"], "properties": {"services": {"type": "array", "items": {"type": "string"}},
    "models": {"type": "array", "items": {"type": "object", "required": ["id", "uri"], "properties": {"id": {"type": "string"}, "name": {"type": "string"},
      "uri": {"type": "string"}, "task": {"type": "string"}, "classes": {"type": "array", "items": {"type": "string"}}, "active": {"type": "boolean"}}}}}},
  "Tensor": {"type": "object", "required": ["name", "shape", "datatype", "data"], "properties": {"name": {"type": "string"},
    "shape": {"type": "array", "items": {"type": "integer"}}, "datatype": {"type": "string"}, "data": {"type": "array"}}},
  "InferRequest": {"type": "object", "required": ["inputs"], "properties": {"id": {"type": "string"},
    "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}},
    "outputs": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}}},
  "InferAnswer": {"type": "object", "required": ["model_name", "outputs"], "properties": {"model_name": {"type": "string"}, "id": {"type": "string"},
    "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}}}}
})json";

constexpr const char* job_schemas = R"json({
  "Name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 200},
  "JobRequest": {"oneOf": [
    {"type": "object", "required": ["model_stac_id", "image_uri", "zoom", "params"], "properties": {"kind": {"const": "predict"},
      "model_stac_id": {"$ref": "#/components/schemas/Name"}, "image_uri": {"type": "string", "pattern": "^https?://"},
      "bbox": {"$ref": "#/components/schemas/BBox"}, "geometry": {"type": "object", "description": "A polygon or several (RFC 7946), in place of bbox."},
      "zoom": {"type": "integer", "minimum": 14, "maximum": 22}, "params": {"$ref": "#/components/schemas/Params"}, "description": {"type": "string"}}},
    {"type": "object", "required": ["kind", "base_model_id", "dataset_id", "model_name"], "properties": {"kind": {"const": "finetune"},
      "base_model_id": {"$ref": "#/components/schemas/Name"}, "dataset_id": {"$ref": "#/components/schemas/Name"},
      "model_name": {"$ref": "#/components/schemas/Name"}, "hyperparameters": {"type": "object"}, "max_minutes": {"type": "number", "exclusiveMinimum": 0},
      "description": {"type": "string"}}},
    {"type": "object", "required": ["kind", "model_name", "version"], "properties": {"kind": {"enum": ["promote", "archive"]},
      "model_name": {"$ref": "#/components/schemas/Name"}, "version": {"type": "integer", "minimum": 1}, "description": {"type": "string"}}},
    {"type": "object", "required": ["kind", "model_name"], "properties": {"kind": {"const": "delete"},
      "model_name": {"$ref": "#/components/schemas/Name"}, "version": {"type": "integer", "minimum": 1}, "description": {"type": "string"}}},
    {"type": "object", "required": ["kind", "model_id", "dataset_id"], "properties": {"kind": {"const": "compat"},
      "model_id": {"$ref": "#/components/schemas/Name"}, "dataset_id": {"$ref": "#/components/schemas/Name"}, "description": {"type": "string"}}}]},
  "Job": {"type": "object", "required": ["id", "kind", "status", "progress", "links"], "properties": {"id": {"type": "string"}, "kind": {"type": "string"},
    "status": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
    "progress": {"type": "object", "properties": {"done": {"type": "integer"}, "total": {"type": "integer"}, "note": {"type": "string"}}},
    "links": {"type": "object"}}}
})json";

void add_jobs(Json& document) {
  Json& paths = document["paths"];
  const Json job = reply("The job.", "application/json", schema("Job"));
  const auto closed = [](Json operation, std::initializer_list<const char*> refusals) {
    operation["security"] = Json::array({{{"bearer", Json::array()}}});
    operation["responses"] = responses(std::move(operation["responses"]), refusals);
    return operation;
  };
  const Json id = in_path("id");
  paths["/jobs"] = {
      {"post",
       closed({{"operationId", "createJob"}, {"summary", "Ask for long work"}, {"requestBody", body_of("JobRequest")}, {"responses", {{"202", job}}}},
              {"400", "401", "413", "415", "429"})},
      {"get", closed({{"operationId", "listJobs"},
                      {"summary", "Jobs, newest first"},
                      {"parameters",
                       {{{"name", "status"}, {"in", "query"}, {"schema", {{"enum", {"queued", "running", "done", "failed", "cancelled"}}}}},
                        {{"name", "limit"}, {"in", "query"}, {"schema", {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}}}}}},
                      {"responses", {{"200", reply("They.", "application/json", {{"type", "object"}, {"required", {"jobs"}}})}}}},
                     {"400", "401"})}};
  paths["/jobs/{id}"] = {{"parameters", {id}},
                         {"get", closed({{"operationId", "getJob"}, {"summary", "How far it is"}, {"responses", {{"200", job}}}}, {"401", "404"})},
                         {"delete", closed({{"operationId", "deleteJob"},
                                            {"summary", "Cancel it, or remove one that has ended with its result"},
                                            {"responses", {{"202", job}, {"204", {{"description", "It is gone."}}}}}},
                                           {"401", "404"})}};
  paths["/jobs/{id}/cancel"] = {
      {"parameters", {id}},
      {"post", closed({{"operationId", "cancelJob"}, {"summary", "Stop it"}, {"responses", {{"202", job}}}}, {"401", "404", "409"})}};
  const Json result{
      {"description", "Features of a prediction, or the program's own answer."},
      {"content", {{"application/geo+json", {{"schema", schema("FeatureCollection")}}}, {"application/json", {{"schema", {{"type", "object"}}}}}}}};
  paths["/jobs/{id}/result"] = {
      {"parameters", {id}},
      {"get", closed({{"operationId", "getJobResult"}, {"summary", "What came of it"}, {"responses", {{"200", result}}}}, {"401", "404", "409"})}};
  document["components"]["securitySchemes"] = {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}};
  document["components"]["schemas"].update(json_from(job_schemas).value_or(Json::object()));
}

}  // namespace

std::string openapi_text(bool jobs) {
  const Json any{{"type", "object"}};
  const Json status = reply("It is.", "application/json", any);
  Json document{{"openapi", "3.1.0"},
                {"info",
                 {{"title", "fAIr-edge"},
                  {"version", "1"},
                  {"description", "Predictions with models of a fAIr catalogue, as fAIr's services answer them."},
                  {"license", {{"name", "AGPL-3.0-only"}, {"identifier", "AGPL-3.0-only"}}}}},
                {"servers", {{{"url", "/"}}}}};
  Json& paths = document["paths"];
  paths["/health"] = get("health", "Does the process live?", {{"200", status}});
  paths["/ready"] = get("ready", "May it be asked?", responses({{"200", status}}, {"503"}));
  paths["/models"] = get("models", "Models and services it knows", {{"200", reply("They.", "application/json", schema("Models"))}});
  paths["/metrics"] = get("metrics", "Counts for Prometheus", {{"200", reply("They.", "text/plain", {{"type", "string"}})}});
  paths["/predict"] = predict("predict", false);
  paths["/{service}/predict"] = predict("predictOfService", true);
  paths["/{service}/health"] = get("serviceHealth", "Is there such a service?", responses({{"200", status}}, {"404"}), {in_path("service")});
  paths["/v2"] = get("serverMetadata", "Open Inference Protocol: the server", {{"200", status}});
  paths["/v2/health/live"] = get("serverLive", "Open Inference Protocol: liveness", {{"200", status}});
  paths["/v2/health/ready"] = get("serverReady", "Open Inference Protocol: readiness", responses({{"200", status}}, {"503"}));
  paths["/v2/models/{name}"] =
      get("modelMetadata", "Open Inference Protocol: a graph", responses({{"200", status}}, {"400", "404", "429"}), {in_path("name")});
  paths["/v2/models/{name}/ready"] =
      get("modelReady", "Open Inference Protocol: a graph's readiness", responses({{"200", status}}, {"400", "404", "429"}), {in_path("name")});
  paths["/v2/models/{name}/infer"] = {
      {"post",
       {{"operationId", "infer"},
        {"summary", "Open Inference Protocol: run a graph"},
        {"parameters", {in_path("name")}},
        {"requestBody", body_of("InferRequest")},
        {"responses", responses({{"200", reply("Its outputs.", "application/json", schema("InferAnswer"))}}, {"400", "404", "413", "415", "429"})}}}};
  document["components"] = {{"responses", {{"refused", reply("Why it is not answered.", "application/json", schema("Error"))}}},
                            {"schemas", json_from(schemas).value_or(Json::object())}};
  if (jobs) add_jobs(document);
  return line_of(document);
}

}  // namespace fair::serve
