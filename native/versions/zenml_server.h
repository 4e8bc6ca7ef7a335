// What is said to a ZenML server, request by request: its REST API v1, as of 0.93 (https://docs.zenml.io/api-reference/oss-api).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "native/http/client.h"
#include "native/http/url.h"

namespace fair::versions {

/// Who asks. A service account's API key, or a user and a password.
struct ZenmlLogin {
  std::string api_key, user, password;
};

/// Logs in with the first request, and again where the server has forgotten. Secrets and tokens are in no error and no log.
class ZenmlServer {
 public:
  /// Reaches nobody yet.
  [[nodiscard]] static Result<ZenmlServer> create(const std::string& url, const std::string& project, ZenmlLogin login);

  /// The id of the project; one that is missing is Code::not_found.
  [[nodiscard]] Result<std::string> project();
  /// Gives the answer's document. `method` GET, PUT or DELETE, or a POST that does no harm when it is said twice: it is said again where no answer
  /// comes. Code::not_found, Code::conflict (it is there already), Code::io.
  [[nodiscard]] Result<Json> call(const char* method, const std::string& path, const Json& body = {});
  /// Said once: where no answer comes (Code::io) it may be done or not.
  [[nodiscard]] Result<Json> call_once(const char* method, const std::string& path, const Json& body);
  /// Every item of a listing, page after page. `query` without "?".
  [[nodiscard]] Result<std::vector<Json>> list(const std::string& path, const std::string& query);

  /// Its address, for people.
  [[nodiscard]] std::string shown() const { return http::shown(url_); }

 private:
  ZenmlServer(std::string url, std::string project, ZenmlLogin login, http::Client client, http::Client once)
      : url_(std::move(url)), project_name_(std::move(project)), login_(std::move(login)), client_(std::move(client)), once_(std::move(once)) {}
  Result<> log_in();
  Result<Json> said(const http::Client& client, const char* method, const std::string& path, const Json& body);
  [[nodiscard]] tl::unexpected<Error> refusal(const http::Response& answer, const std::string& what) const;

  std::string url_, project_name_, project_id_, token_;
  ZenmlLogin login_;
  http::Client client_, once_;
};

}  // namespace fair::versions
