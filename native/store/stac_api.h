// What is said to a STAC API with transactions (stac-fastapi + pgstac), request by request:
// https://github.com/stac-api-extensions/transaction, OGC API - Features part 4.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "native/http/client.h"
#include "native/http/url.h"

namespace fair::store {

class StacApi {
 public:
  /// Reads the landing page: Code::unsupported, naming what is missing, where the API takes no transactions. `authorization`: the header's value
  /// ("Bearer …", "Basic …"), or ""; it is in no error and no log.
  [[nodiscard]] static Result<StacApi> open(const std::string& url, const std::string& authorization);

  /// A feature, or nothing where there is none.
  [[nodiscard]] Result<std::optional<Json>> item(const std::string& collection, const std::string& id) const;
  /// All features of a collection, page after page; none where there is no such collection.
  [[nodiscard]] Result<std::vector<Json>> items(const std::string& collection) const;

  /// What became of a request that may be refused for what is there already.
  enum class Answer { done, exists, missing };
  [[nodiscard]] Result<Answer> create_collection(const Json& collection) const;
  /// `exists`: an item of that id. The collection must be there.
  [[nodiscard]] Result<Answer> create(const std::string& collection, const Json& item) const;
  /// In place of the one of that id; `missing`: there is none.
  [[nodiscard]] Result<Answer> replace(const std::string& collection, const std::string& id, const Json& item) const;
  /// Replaced, or created where it is missing. Done again it does no harm.
  Result<> put(const std::string& collection, const std::string& id, const Json& item) const;
  /// None there is no error.
  Result<> erase(const std::string& collection, const std::string& id) const;

  /// Of a collection, or of an item of it.
  [[nodiscard]] std::string address(const std::string& collection, const std::string& id = {}) const;
  /// The API's own, for people.
  [[nodiscard]] std::string shown() const { return http::shown(url_); }

 private:
  StacApi(std::string url, std::string authorization, http::Client client)
      : url_(std::move(url)), authorization_(std::move(authorization)), client_(std::move(client)) {}
  [[nodiscard]] Result<http::Response> call(const char* method, const std::string& url, const Json& body = {}) const;

  std::string url_, authorization_;
  http::Client client_;
};

}  // namespace fair::store
