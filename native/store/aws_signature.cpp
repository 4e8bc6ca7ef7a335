#include "native/store/aws_signature.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <vector>

#include "native/http/url.h"
#include "native/io/digest.h"

namespace fair::store {
namespace {

constexpr const char* algorithm = "AWS4-HMAC-SHA256";

struct Address {
  std::string host, path, query;
};

Address parts_of(const std::string& url) {
  const std::size_t begin = url.find("://") + 3, slash = std::min(url.find('/', begin), url.size()), mark = std::min(url.find('?'), url.size());
  Address out{url.substr(begin, std::min(slash, mark) - begin), slash < mark ? url.substr(slash, mark - slash) : "/", ""};
  if (mark < url.size()) out.query = url.substr(mark + 1);
  return out;
}

/// The pairs in the order of their names, each with a '='.
std::string canonical_query(const std::string& query) {
  std::vector<std::string> pairs;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    std::string pair = query.substr(at, end - at);
    if (pair.find('=') == std::string::npos) pair += '=';
    if (pair.size() > 1) pairs.push_back(std::move(pair));
    at = end + 1;
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const std::string& pair : pairs) out += (out.empty() ? "" : "&") + pair;
  return out;
}

std::string scope_of(const std::string& time, const std::string& region) { return time.substr(0, 8) + "/" + region + "/s3/aws4_request"; }

std::string signature(const std::string& canonical_request, const AwsCredentials& credentials, const std::string& region, const std::string& time) {
  const std::string text =
      std::string(algorithm) + "\n" + time + "\n" + scope_of(time, region) + "\n" + io::hexadecimal(io::sha256(canonical_request));
  std::string key = io::hmac_sha256("AWS4" + credentials.secret_key, time.substr(0, 8));
  key = io::hmac_sha256(key, region);
  key = io::hmac_sha256(key, "s3");
  key = io::hmac_sha256(key, "aws4_request");
  return io::hexadecimal(io::hmac_sha256(key, text));
}

}  // namespace

std::string aws_time() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc)};
}

void sign(http::Request& request, const AwsCredentials& credentials, const std::string& region, const std::string& payload, const std::string& time) {
  const Address address = parts_of(request.url);
  request.headers.erase("authorization");
  request.headers["host"] = address.host;
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = payload;
  if (!credentials.session_token.empty()) request.headers["x-amz-security-token"] = credentials.session_token;
  std::string headers, names;
  for (const auto& [name, value] : request.headers) {  // in the order of their names
    headers += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical =
      request.method + "\n" + address.path + "\n" + canonical_query(address.query) + "\n" + headers + "\n" + names + "\n" + payload;
  request.headers["authorization"] = std::string(algorithm) + " Credential=" + credentials.access_key + "/" + scope_of(time, region) +
                                     ",SignedHeaders=" + names + ",Signature=" + signature(canonical, credentials, region, time);
}

std::string presigned_url(const std::string& url, const AwsCredentials& credentials, const std::string& region, int seconds,
                          const std::string& time) {
  const Address address = parts_of(url);
  std::string query = address.query;
  const auto add = [&query](const char* name, const std::string& value) {
    query += (query.empty() ? "" : "&") + std::string(name) + "=" + http::percent_encoded(value);
  };
  add("X-Amz-Algorithm", algorithm);
  add("X-Amz-Credential", credentials.access_key + "/" + scope_of(time, region));
  add("X-Amz-Date", time);
  add("X-Amz-Expires", std::to_string(seconds));
  if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
  add("X-Amz-SignedHeaders", "host");
  query = canonical_query(query);
  const std::string canonical = "GET\n" + address.path + "\n" + query + "\nhost:" + address.host + "\n\nhost\nUNSIGNED-PAYLOAD";
  return url.substr(0, url.find('?')) + "?" + query + "&X-Amz-Signature=" + signature(canonical, credentials, region, time);
}

}  // namespace fair::store
