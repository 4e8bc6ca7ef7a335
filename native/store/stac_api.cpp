#include "native/store/stac_api.h"

#include <algorithm>
#include <utility>

#include "core/base/field.h"
#include "native/http/url.h"

namespace fair::store {
namespace {

constexpr const char* page_size = "200";

/// What the server said against it.
tl::unexpected<Error> refusal(const http::Response& answer, const std::string& thing, const std::string& expected) {
  std::string found = http::outcome(answer);
  if (const auto json = json_from(answer.body)) {
    for (const char* key : {"detail", "description"}) {
      if (json->is_object() && json->contains(key)) found += ": " + (*json)[key].dump().substr(0, 300);
    }
  }
  const char* hint = answer.status == 401 || answer.status == 403 ? "check the catalogue's token or password, and what it may do"
                     : answer.status >= 500                       ? "the server is in trouble: try later"
                                                                  : "check the catalogue's address";
  return fail(Code::io, thing, expected, found, hint);
}

Result<StacApi::Answer> told(const http::Response& answer, const std::string& thing) {
  if (answer.good()) return StacApi::Answer::done;
  if (answer.status == 409) return StacApi::Answer::exists;
  if (answer.status == 404) return StacApi::Answer::missing;
  return refusal(answer, thing, "to be taken");
}

}  // namespace

Result<StacApi> StacApi::open(const std::string& given, const std::string& authorization) {
  FAIR_TRY_ASSIGN(std::string url, http::base_url(given, "catalogue"));
  http::ClientOptions client;
  client.attempts = 6;
  client.connect_seconds = 5;
  client.most_bytes = 64U << 20U;
  client.follow = false;  // a token is for one host
  FAIR_TRY_ASSIGN(http::Client ready, http::Client::create(client));
  StacApi api(std::move(url), authorization, std::move(ready));
  FAIR_TRY_ASSIGN(const http::Response answer, api.call("GET", api.url_ + "/"));
  if (!answer.good()) return refusal(answer, api.shown(), "a STAC API's landing page");
  FAIR_TRY_ASSIGN(const Json landing, parse_json(answer.body, api.shown()));
  if (!landing.is_object() || !landing.contains("conformsTo") || !landing["conformsTo"].is_array()) {
    return fail(Code::unsupported, api.shown(), "a STAC API's landing page", "a document without conformsTo", "give the address of the API's root");
  }
  const auto speaks = [&](const char* what) {
    const Json& all = landing["conformsTo"];
    return std::any_of(all.begin(), all.end(),
                       [&](const Json& one) { return one.is_string() && one.get<std::string>().find(what) != std::string::npos; });
  };
  if (!speaks("ogcapi-features")) {
    return fail(Code::unsupported, api.shown(), "an API that serves items (ogcapi-features)", "one that does not", "use another");
  }
  if (!speaks("/transaction")) {
    return fail(Code::unsupported, api.shown(), "an API that takes items (the transaction extension)", "one that can only be read",
                "switch its transactions on (stac-fastapi-pgstac: ENABLE_TRANSACTIONS_EXTENSIONS)");
  }
  return api;
}

std::string StacApi::address(const std::string& collection, const std::string& id) const {
  return url_ + "/collections/" + collection + (id.empty() ? "" : "/items/" + http::percent_encoded(id));
}

Result<http::Response> StacApi::call(const char* method, const std::string& url, const Json& body) const {
  http::Request request;
  request.method = method;
  request.url = url;
  if (!authorization_.empty()) request.headers["authorization"] = authorization_;
  if (!body.is_null()) {
    request.headers["content-type"] = "application/json";
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return client_.send(std::move(request));
}

Result<std::optional<Json>> StacApi::item(const std::string& collection, const std::string& id) const {
  const std::string url = address(collection, id);
  FAIR_TRY_ASSIGN(const http::Response answer, call("GET", url));
  if (answer.status == 404) return std::optional<Json>();
  if (!answer.good()) return refusal(answer, http::shown(url), "an item");
  FAIR_TRY_ASSIGN(Json json, parse_json(answer.body, http::shown(url)));
  return std::optional<Json>(std::move(json));
}

Result<std::vector<Json>> StacApi::items(const std::string& collection) const {
  const std::string path = address(collection) + "/items";
  std::vector<Json> out;
  for (std::string next = path + "?limit=" + page_size; !next.empty();) {
    FAIR_TRY_ASSIGN(const http::Response answer, call("GET", next));
    if (answer.status == 404) return out;
    if (!answer.good()) return refusal(answer, http::shown(path), "a page of items");
    FAIR_TRY_ASSIGN(Json page, parse_json(answer.body, http::shown(path)));
    if (!page.is_object() || !page.contains("features") || !page["features"].is_array()) {
      return fail(Code::invalid, http::shown(path), "a page of items", "no features", "check the catalogue's address");
    }
    for (Json& feature : page["features"]) out.push_back(std::move(feature));
    next.clear();
    if (!page.contains("links") || !page["links"].is_array()) break;
    for (const Json& link : page["links"]) {
      if (link.is_object() && text_of(link, "rel") == "next") next = text_of(link, "href");
    }
    // A server behind a gateway may give the address it has inside; the token is not for others.
    if (!next.empty() && next.rfind(url_, 0) != 0) {
      const std::size_t query = next.find('?');
      next = path + (query == std::string::npos ? "" : next.substr(query));
    }
  }
  return out;
}

Result<StacApi::Answer> StacApi::create_collection(const Json& collection) const {
  FAIR_TRY_ASSIGN(const http::Response answer, call("POST", url_ + "/collections", collection));
  return told(answer, "collection " + text_of(collection, "id"));
}

Result<StacApi::Answer> StacApi::create(const std::string& collection, const Json& item) const {
  FAIR_TRY_ASSIGN(const http::Response answer, call("POST", address(collection) + "/items", item));
  return told(answer, collection + "/" + text_of(item, "id"));
}

Result<StacApi::Answer> StacApi::replace(const std::string& collection, const std::string& id, const Json& item) const {
  FAIR_TRY_ASSIGN(const http::Response answer, call("PUT", address(collection, id), item));
  return told(answer, collection + "/" + id);
}

Result<> StacApi::put(const std::string& collection, const std::string& id, const Json& item) const {
  // Either may be true already where a request is repeated: so neither answer is the end.
  for (int attempt = 0; attempt < 4; ++attempt) {
    FAIR_TRY_ASSIGN(const Answer replaced, replace(collection, id, item));
    if (replaced == Answer::done) return {};
    FAIR_TRY_ASSIGN(const Answer created, create(collection, item));
    if (created == Answer::done) return {};
  }
  return fail(Code::conflict, collection + "/" + id, "an item that is taken", "one that comes and goes",
              "does another program write to this catalogue?");
}

Result<> StacApi::erase(const std::string& collection, const std::string& id) const {
  FAIR_TRY_ASSIGN(const http::Response answer, call("DELETE", address(collection, id)));
  if (answer.good() || answer.status == 404) return {};
  return refusal(answer, collection + "/" + id, "an item that goes");
}

}  // namespace fair::store
