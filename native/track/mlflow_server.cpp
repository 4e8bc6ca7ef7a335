#include "native/track/mlflow_server.h"

#include <algorithm>
#include <utility>

#include "core/base/json.h"
#include "native/http/client.h"
#include "native/http/url.h"

namespace fair::track {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_params = 100, most_points = 1000;  // of one log-batch, as the server limits them
constexpr std::size_t longest_param = 6000, longest_tag = 5000;

Json pairs(const std::map<std::string, std::string>& all, std::size_t longest) {
  Json out = Json::array();
  for (const auto& [key, value] : all) out.push_back({{"key", key}, {"value", value.substr(0, longest)}});
  return out;
}

class MlflowServer final : public Tracker {
 public:
  MlflowServer(MlflowOptions options, http::Client client) : options_(std::move(options)), client_(std::move(client)) {}

  Result<std::string> start(const RunFacts& facts) override {
    FAIR_TRY_ASSIGN(experiment_, experiment_of(facts.experiment));
    FAIR_TRY_ASSIGN(const Json made, call("runs/create", {{"experiment_id", experiment_},
                                                          {"start_time", now_milliseconds()},
                                                          {"run_name", facts.name},
                                                          {"tags", pairs(facts.tags, longest_tag)}}));
    const Json& info = made["run"]["info"];
    std::string id = info["run_id"].get<std::string>();
    artifacts_[id] = info["artifact_uri"].get<std::string>();
    Json all = pairs(facts.params, longest_param);
    for (std::size_t first = 0; first < all.size(); first += most_params) {
      Json some = Json::array();
      for (std::size_t i = first; i < std::min(all.size(), first + most_params); ++i) some.push_back(all[i]);
      FAIR_TRY(call("runs/log-batch", {{"run_id", id}, {"params", some}}));
    }
    return id;
  }

  Result<> log(const std::string& run, const std::vector<Point>& points) override {
    for (std::size_t first = 0; first < points.size(); first += most_points) {
      Json some = Json::array();
      for (std::size_t i = first; i < std::min(points.size(), first + most_points); ++i) {
        const Point& p = points[i];
        some.push_back({{"key", p.key}, {"value", p.value}, {"timestamp", p.milliseconds}, {"step", p.step}});
      }
      FAIR_TRY(call("runs/log-batch", {{"run_id", run}, {"metrics", some}}));
    }
    return {};
  }

  Result<> artifact(const std::string& run, const std::string& name, const fs::path& file) override {
    if (artifacts_.count(run) == 0) {
      FAIR_TRY_ASSIGN(const Json found, call("runs/get?run_id=" + run, Json()));
      artifacts_[run] = found["run"]["info"]["artifact_uri"].get<std::string>();
    }
    const std::string& uri = artifacts_[run];
    const std::string scheme = "mlflow-artifacts:/";
    if (uri.rfind(scheme, 0) != 0)
      return fail(Code::unsupported, "artifacts of run " + run, "a server that takes them itself (--serve-artifacts)", uri, "start it so");
    std::error_code error;
    http::Request request;
    request.method = "PUT";
    request.url = options_.url + "/api/2.0/mlflow-artifacts/artifacts/" +
                  http::percent_encoded(uri.substr(uri.find_first_not_of('/', scheme.size())), true) + "/" + http::percent_encoded(name, true);
    request.headers["content-type"] = "application/octet-stream";
    request.file = http::FilePart{file, 0, fs::file_size(file, error)};
    if (error) return fail(Code::io, file.string(), "a file that can be read", error.message(), "check that it is there");
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request)));
    return answer.good() ? Result<>() : refusal(answer, name);
  }

  Result<> end(const std::string& run, Outcome outcome) override {
    const char* status = outcome == Outcome::finished ? "FINISHED" : outcome == Outcome::failed ? "FAILED" : "KILLED";
    FAIR_TRY(call("runs/update", {{"run_id", run}, {"status", status}, {"end_time", now_milliseconds()}}));
    return {};
  }

  [[nodiscard]] std::string name() const override { return http::shown(options_.url); }
  [[nodiscard]] std::string address(const std::string& run) const override { return options_.url + "/#/experiments/" + experiment_ + "/runs/" + run; }

 private:
  Result<http::Response> send(http::Request request) const {
    if (!options_.authorization.empty()) request.headers["authorization"] = options_.authorization;
    return client_.send(std::move(request));
  }

  tl::unexpected<Error> refusal(const http::Response& answer, const std::string& what) const {
    std::string found = http::outcome(answer);
    const auto json = json_from(answer.body);
    if (json && json->is_object() && json->contains("message")) found += ": " + (*json)["message"].dump().substr(0, 300);
    return fail(answer.status == 404 ? Code::not_found : Code::io, http::shown(options_.url) + " " + what, "to be taken", found,
                answer.status == 401 || answer.status == 403 ? "check the tracker's token" : "check the tracker's address");
  }

  /// GET where the body is null.
  Result<Json> call(const std::string& path, const Json& body) const {
    http::Request request;
    request.url = options_.url + "/api/2.0/mlflow/" + path;
    if (!body.is_null()) {
      request.method = "POST";
      request.headers["content-type"] = "application/json";
      request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request)));
    if (!answer.good()) return refusal(answer, path.substr(0, path.find('?')));
    return parse_json(answer.body.empty() ? "{}" : answer.body, http::shown(options_.url) + " " + path);
  }

  Result<std::string> experiment_of(const std::string& name) const {
    const std::string query = "experiments/get-by-name?experiment_name=" + http::percent_encoded(name);
    auto found = call(query, Json());
    if (!found && found.error().code != Code::not_found) return fail(found.error());
    if (!found) {
      const auto made = call("experiments/create", {{"name", name}});
      if (made) return (*made)["experiment_id"].get<std::string>();
      found = call(query, Json());  // somebody was quicker
      if (!found) return fail(made.error());
    }
    const Json& experiment = (*found)["experiment"];
    if (experiment.value("lifecycle_stage", "active") != "active")
      return fail(Code::conflict, "experiment " + name, "an active one", "one that was deleted", "restore it, or choose another name");
    return experiment["experiment_id"].get<std::string>();
  }

  MlflowOptions options_;
  http::Client client_;
  std::string experiment_;
  std::map<std::string, std::string> artifacts_;  ///< of each run, as the server names them
};

}  // namespace

Result<std::unique_ptr<Tracker>> mlflow_server(const MlflowOptions& given) {
  MlflowOptions options = given;
  FAIR_TRY_ASSIGN(options.url, http::base_url(options.url, "tracker"));
  http::ClientOptions client;
  client.attempts = 5;
  client.connect_seconds = 5;
  client.timeout_seconds = 60;
  client.follow = false;
  FAIR_TRY_ASSIGN(http::Client ready, http::Client::create(client));
  return std::unique_ptr<Tracker>(std::make_unique<MlflowServer>(std::move(options), std::move(ready)));
}

}  // namespace fair::track
