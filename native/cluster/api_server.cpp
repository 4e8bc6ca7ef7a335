#include "native/cluster/api_server.h"

#include <utility>

#include "native/http/url.h"
#include "native/io/atomic_file.h"

namespace fair::cluster {
namespace {

Code code_of(long status) {
  switch (status) {
    case 404: return Code::not_found;
    case 409: return Code::conflict;
    case 400:
    case 401:
    case 403:
    case 422: return Code::usage;
    default: return Code::io;
  }
}

/// The server says in a Status object what is wrong.
std::string message_of(const http::Response& answer) {
  const auto document = parse_json(answer.body, "an answer");
  const std::string said = document && document->is_object() ? document->value("message", std::string()) : std::string();
  return http::outcome(answer) + (said.empty() ? "" : ": " + said);
}

Result<Json> json_of(const http::Response& answer, const std::string& thing) { return parse_json(answer.body, thing); }

}  // namespace

ApiServer::ApiServer(ApiServerOptions options, http::Client client)
    : options_(std::move(options)), client_(std::make_shared<http::Client>(std::move(client))) {}

Result<ApiServer> ApiServer::create(ApiServerOptions options) {
  http::ClientOptions wanted;
  wanted.tls = options.tls;
  wanted.follow = false;
  wanted.attempts = 3;
  wanted.connections = 2;
  wanted.timeout_seconds = 25;
  FAIR_TRY_ASSIGN(http::Client client, http::Client::create(wanted));
  FAIR_TRY_ASSIGN(options.url, http::base_url(options.url, "the cluster's address"));
  return ApiServer(std::move(options), std::move(client));
}

Result<http::Response> ApiServer::send(const std::string& method, const std::string& path, const std::string& body, const std::string& type) const {
  http::Request request;
  request.method = method;
  request.url = options_.url + path;
  request.body = body;
  if (!type.empty()) request.headers["content-type"] = type;
  std::string token = options_.token;
  if (!options_.token_file.empty()) {
    FAIR_TRY_ASSIGN(token, io::read_whole(options_.token_file, 1U << 20U));
    while (!token.empty() && (token.back() == '\n' || token.back() == ' ')) token.pop_back();
  }
  if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
  FAIR_TRY_ASSIGN(http::Response answer, client_->send(std::move(request)));
  if (answer.good()) return answer;
  const char* hint = answer.status == 401 || answer.status == 403 ? "check the kubeconfig's user, or what its role may do" : "";
  return fail(code_of(answer.status), method + " " + http::shown(options_.url + path), "success", message_of(answer), hint);
}

Result<Json> ApiServer::get(const std::string& path) const {
  FAIR_TRY_ASSIGN(const http::Response answer, send("GET", path, "", ""));
  return json_of(answer, path);
}

Result<std::string> ApiServer::text(const std::string& path) const {
  FAIR_TRY_ASSIGN(http::Response answer, send("GET", path, "", ""));
  return std::move(answer.body);
}

Result<Json> ApiServer::post(const std::string& path, const Json& body) const {
  FAIR_TRY_ASSIGN(const http::Response answer, send("POST", path, body.dump(), "application/json"));
  return json_of(answer, path);
}

Result<Json> ApiServer::patch(const std::string& path, const Json& body) const {
  FAIR_TRY_ASSIGN(const http::Response answer, send("PATCH", path, body.dump(), "application/merge-patch+json"));
  return json_of(answer, path);
}

Result<> ApiServer::remove(const std::string& path) const {
  const Json how{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Background"}};
  auto answer = send("DELETE", path, how.dump(), "application/json");
  if (!answer && answer.error().code != Code::not_found) return fail(std::move(answer).error());
  return {};
}

}  // namespace fair::cluster
