#include "native/versions/zenml_server.h"

#include <utility>

#include "core/base/field.h"
#include "native/http/url.h"

namespace fair::versions {
namespace {}  // namespace

Result<ZenmlServer> ZenmlServer::create(const std::string& url, const std::string& project, ZenmlLogin login) {
  FAIR_TRY_ASSIGN(std::string base, http::base_url(url, "versions"));
  if (login.api_key.empty() && login.user.empty()) {
    return fail(Code::usage, "versions", "api_key_env or api_key_file of a service account, or user and password_env or password_file", "neither",
                "name where the secret is kept");
  }
  http::ClientOptions options;
  options.attempts = 4;
  options.connect_seconds = 5;
  options.timeout_seconds = 25;
  options.follow = false;
  FAIR_TRY_ASSIGN(http::Client client, http::Client::create(options));
  options.attempts = 1;
  FAIR_TRY_ASSIGN(http::Client once, http::Client::create(options));
  return ZenmlServer(std::move(base), project, std::move(login), std::move(client), std::move(once));
}

tl::unexpected<Error> ZenmlServer::refusal(const http::Response& answer, const std::string& what) const {
  std::string found = http::outcome(answer);
  // Its words: {"detail": ["KeyError", "Unable to …"]}, or a text.
  if (const auto json = json_from(answer.body); json && json->is_object() && json->contains("detail")) {
    const Json& detail = (*json)["detail"];
    const Json& words = detail.is_array() && detail.size() == 2 ? detail[1] : detail;
    found += ": " + (words.is_string() ? words.get<std::string>() : words.dump()).substr(0, 300);
  }
  const bool forbidden = answer.status == 401 || answer.status == 403;
  const Code code = answer.status == 404 ? Code::not_found : answer.status == 409 ? Code::conflict : Code::io;
  return fail(code, shown() + " " + what, "to be done", found,
              forbidden              ? "check the secret and what the account may do"
              : answer.status >= 500 ? "look at the server's own log"
                                     : "check the address");
}

Result<> ZenmlServer::log_in() {
  http::Request request;
  request.method = "POST";
  request.url = url_ + "/api/v1/login";
  request.headers["content-type"] = "application/x-www-form-urlencoded";
  request.body = login_.api_key.empty()
                     ? "grant_type=password&username=" + http::percent_encoded(login_.user) + "&password=" + http::percent_encoded(login_.password)
                     : "grant_type=zenml-api-key&password=" + http::percent_encoded(login_.api_key);
  FAIR_TRY_ASSIGN(const http::Response answer, client_.send(std::move(request)));
  if (!answer.good()) return refusal(answer, login_.api_key.empty() ? "log-in of " + login_.user : "log-in by API key");
  const auto json = json_from(answer.body);
  token_ = json ? text_of(*json, "access_token") : "";
  if (token_.empty()) return fail(Code::invalid, shown() + " log-in", "an access token", "an answer without one", "is this a ZenML server?");
  return {};
}

Result<Json> ZenmlServer::said(const http::Client& client, const char* method, const std::string& path, const Json& body) {
  const std::string what = std::string(method) + " " + path.substr(0, path.find('?'));
  for (bool fresh = false;;) {
    if (token_.empty()) {
      FAIR_TRY(log_in());
      fresh = true;
    }
    http::Request request;
    request.method = method;
    request.url = url_ + "/api/v1" + path;
    request.headers["authorization"] = "Bearer " + token_;
    if (!body.is_null()) {
      request.headers["content-type"] = "application/json";
      request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    FAIR_TRY_ASSIGN(const http::Response answer, client.send(std::move(request)));
    if (answer.status == 401 && !fresh) {  // it has run out
      token_.clear();
      continue;
    }
    if (!answer.good()) return refusal(answer, what);
    return parse_json(answer.body.empty() ? "null" : answer.body, shown() + " " + what);
  }
}

Result<Json> ZenmlServer::call(const char* method, const std::string& path, const Json& body) { return said(client_, method, path, body); }
Result<Json> ZenmlServer::call_once(const char* method, const std::string& path, const Json& body) { return said(once_, method, path, body); }

Result<std::vector<Json>> ZenmlServer::list(const std::string& path, const std::string& query) {
  std::vector<Json> out;
  for (int page = 1;; ++page) {
    FAIR_TRY_ASSIGN(Json answer, call("GET", path + "?" + query + "&size=100&page=" + std::to_string(page)));
    const auto items = answer.is_object() ? answer.find("items") : answer.end();
    if (items == answer.end() || !items->is_array())
      return fail(Code::invalid, shown() + " " + path, "a page of items", "another document", "is this a ZenML server of version 0.93 or near?");
    for (Json& item : *items) out.push_back(std::move(item));
    const auto pages = answer.find("total_pages");
    if (pages == answer.end() || !pages->is_number_integer() || page >= pages->get<int>()) return out;
  }
}

Result<std::string> ZenmlServer::project() {
  if (project_id_.empty()) {
    FAIR_TRY_ASSIGN(const auto found, list("/projects", "name=" + http::percent_encoded(project_name_)));
    if (found.empty())
      return fail(Code::not_found, shown() + " project " + project_name_, "a project of that name", "none", "make it, or set project in fair.toml");
    project_id_ = text_of(found.front(), "id");
  }
  return project_id_;
}

}  // namespace fair::versions
