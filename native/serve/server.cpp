#include "native/serve/server.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "native/http/client.h"
#include "native/serve/answers.h"
#include "native/serve/openapi.h"

namespace fair::serve {
namespace {

/// For what requests name: few attempts, since somebody waits.
Result<std::shared_ptr<const http::Client>> client(const PredictingOptions& options, int connections, long seconds, std::uint64_t most_bytes) {
  FAIR_TRY_ASSIGN(auto rules, http::AddressRules::from(options.addresses));
  http::ClientOptions out;
  out.connections = connections;
  out.attempts = 3;
  out.connect_seconds = 5;
  out.timeout_seconds = seconds;
  out.longest_pause_seconds = 5;
  out.most_bytes = most_bytes;
  out.rules = std::make_shared<const http::AddressRules>(std::move(rules));
  FAIR_TRY_ASSIGN(http::Client made, http::Client::create(out));
  return std::make_shared<const http::Client>(std::move(made));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, plugin::Registry plugins) {
  for (const Mount& m : options.mounts) {
    std::error_code error;
    if (!std::filesystem::is_directory(m.folder, error)) return fail(Code::not_found, m.folder.string(), "a folder to serve", "no such folder");
  }
  FAIR_TRY_ASSIGN(Listener listener, Listener::bind(options.listening));
  std::unique_ptr<Server> out(new Server(std::move(options), std::move(listener)));
  if (out->options_.predicting) {
    FAIR_TRY(out->prepare_predictions(std::move(plugins)));
    out->add_routes();
  }
  if (out->options_.jobs) {
    FAIR_TRY_ASSIGN(out->jobs_, JobService::open(*out->options_.jobs));
    out->jobs_->add_routes(out->router_);
  }
  Server* server = out.get();
  server->listener_.dress([server](const Request& request, Answer& answer) { server->dress(request, answer); });
  server->listener_.on_served([server](const Served& served) {
    const std::string route = server->router_.pattern_of(served.request.path);
    server->requests_.count(route.empty() && served.request.method.size() > 7 ? "other" : served.request.method, route, served.status,
                            served.seconds);
    if (server->options_.log) server->options_.log(served, route);
  });
  return out;
}

Result<> Server::prepare_predictions(plugin::Registry plugins) {
  PredictingOptions& options = *options_.predicting;
  FAIR_TRY_ASSIGN(options.shelf.client, client(options, 4, 0, std::uint64_t{1} << 20U));
  FAIR_TRY_ASSIGN(const auto tiles, client(options, options.limits.connections, 20, std::uint64_t{8} << 20U));
  FAIR_TRY_ASSIGN(shelf_, ModelShelf::open(options.shelf, std::move(plugins)));
  sessions_ = std::make_unique<SessionCache>(options.cache);
  predictions_ = std::make_unique<PredictionService>(*shelf_, *sessions_, tiles, options.limits);
  inference_ = std::make_unique<OpenInference>(*shelf_, *sessions_, predictions_->queue(), [this] { return ready_.load(); });
  inference_->add_routes(router_);
  return {};
}

std::string Server::url() const {
  const std::string& host = options_.listening.host;
  return "http://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port());
}

Result<> Server::run() {
  return listener_.run([this](const std::shared_ptr<Exchange>& exchange) { handle(exchange); });
}

void Server::stop(std::chrono::milliseconds notice, std::chrono::milliseconds patience) {
  ready_ = false;
  std::this_thread::sleep_for(notice);
  listener_.stop(patience);
}

void Server::add_routes() {
  const auto say = [](Answer answer) {
    return [answer = std::move(answer)](const std::shared_ptr<Exchange>& exchange, const PathValues&) { exchange->answer(answer); };
  };
  const Answer ok = json_answer(200, {{"status", "ok"}});
  router_.add("GET", "/health", say(ok));
  router_.add("GET", "/{service}/health", [this, ok](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
    exchange->answer(shelf_->has_service(values.at("service")) ? ok : json_answer(404, {{"error", "no such service; see /models"}}));
  });
  router_.add("GET", "/ready", [this](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    exchange->answer(ready_ ? json_answer(200, {{"status", "ready"}}) : json_answer(503, {{"status", "stopping"}}));
  });
  router_.add("GET", "/models", [this](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    const auto listed = shelf_->list();
    exchange->answer(listed ? json_answer(200, *listed) : error_answer(500, listed.error()));
  });
  router_.add("GET", "/metrics", [this](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    exchange->answer({200, "text/plain; version=0.0.4; charset=utf-8", metrics(), {}, {}});
  });
  const std::string document = openapi_text(options_.jobs.has_value());
  router_.add("GET", "/openapi.json", say({200, "application/json", document, {}, {}}));
  router_.add("POST", "/predict", [this](const std::shared_ptr<Exchange>& exchange, const PathValues&) { predictions_->handle(exchange, ""); });
  router_.add("POST", "/{service}/predict", [this](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
    const std::string& service = values.at("service");
    if (!shelf_->has_service(service)) return exchange->answer(json_answer(404, {{"error", "no such service; see /models"}}));
    predictions_->handle(exchange, service);
  });
}

void Server::handle(const std::shared_ptr<Exchange>& exchange) {
  const Request& request = exchange->request();
  if (request.method == "OPTIONS") return exchange->answer({204, "", "", {}, {}});
  if (router_.dispatch(exchange)) return;
  if (!options_.mounts.empty()) return exchange->answer(answer_file(options_.mounts, request));
  exchange->answer(json_answer(404, {{"error", "nothing is served at this path"}, {"path", request.path}}));
}

void Server::dress(const Request& request, Answer& answer) const {
  const bool file = router_.pattern_of(request.path).empty();
  answer.headers["X-Content-Type-Options"] = "nosniff";
  const std::string origin = request.header("origin");
  const auto listed = std::find_if(options_.cors.begin(), options_.cors.end(), [&](const std::string& one) { return one == "*" || one == origin; });
  if (file) {
    answer.headers["Access-Control-Allow-Origin"] = "*";
  } else if (listed != options_.cors.end()) {
    answer.headers["Access-Control-Allow-Origin"] = *listed;
    if (*listed != "*") answer.headers["Vary"] = "Origin";
  }
  if (answer.headers.count("Access-Control-Allow-Origin") > 0) {
    answer.headers["Access-Control-Expose-Headers"] = "Content-Length, Content-Range, Accept-Ranges, ETag, Retry-After, X-Request-Id";
    if (request.method == "OPTIONS") {
      answer.headers["Access-Control-Allow-Methods"] = file ? "GET, HEAD, OPTIONS" : "GET, HEAD, POST, DELETE, OPTIONS";
      answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Range, X-Request-Id";
      answer.headers["Access-Control-Max-Age"] = "600";
    }
  }
  if (options_.isolated) {
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin";
    answer.headers["Cross-Origin-Embedder-Policy"] = "require-corp";
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin";
  }
}

std::string Server::metrics() const {
  std::string out = requests_.text();
  const PredictionCounts& p = predictions_->counts();
  out += metric_head("fair_predictions_total", "counter", "Predictions by how they ended.");
  for (const auto& [outcome, count] :
       {std::pair{"done", &p.done}, {"failed", &p.failed}, {"refused", &p.refused}, {"late", &p.late}, {"abandoned", &p.abandoned}}) {
    out += metric_line("fair_predictions_total", std::string("{outcome=\"") + outcome + "\"}", static_cast<double>(*count));
  }
  const auto one = [&out](const char* name, const char* type, const char* help, double value) {
    out += metric_head(name, type, help) + metric_line(name, "", value);
  };
  const SessionCache::Counts s = sessions_->counts();
  one("fair_prediction_windows_total", "counter", "Windows of imagery that models saw.", static_cast<double>(p.windows));
  one("fair_prediction_features_total", "counter", "Features answered.", static_cast<double>(p.features));
  one("fair_prediction_tiles_total", "counter", "Tiles of imagery asked for.", static_cast<double>(p.tiles));
  one("fair_predictions_running", "gauge", "Predictions under way.", static_cast<double>(predictions_->queue().running()));
  one("fair_predictions_waiting", "gauge", "Predictions that wait for their turn.", static_cast<double>(predictions_->queue().waiting()));
  one("fair_sessions", "gauge", "Models in memory.", static_cast<double>(s.models));
  one("fair_session_bytes", "gauge", "Memory they hold, as measured when they were loaded.", static_cast<double>(s.bytes));
  one("fair_session_loads_total", "counter", "Models loaded.", static_cast<double>(s.loads));
  one("fair_session_hits_total", "counter", "Requests that found their model loaded.", static_cast<double>(s.hits));
  one("fair_session_evictions_total", "counter", "Models let go for others.", static_cast<double>(s.evictions));
  one("fair_model_runs_total", "counter", "Runs of models; several windows may share one.", static_cast<double>(s.runs));
  one("fair_model_windows_total", "counter", "Windows in those runs.", static_cast<double>(s.windows));
  return out;
}

}  // namespace fair::serve
