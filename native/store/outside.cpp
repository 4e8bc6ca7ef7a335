#include "native/store/outside.h"

#include <cstdio>
#include <utility>

#include "core/base/json.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"
#include "native/store/workspace.h"

namespace fair::store {
namespace fs = std::filesystem;
namespace {

constexpr int keep_trying = 3;

/// The last part of an address's path, as a file's name.
std::string file_name(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  for (char& c : name) {
    if (c == '%' || c == '\\' || static_cast<unsigned char>(c) < 32) c = '_';
  }
  return name.empty() || name.front() == '.' ? "file" + name : name;
}

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

bool Outside::is_address(const std::string& text) {
  return text.rfind("s3://", 0) == 0 || text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0;
}

Result<fs::path> Outside::bring(const std::string& address) const {
  const std::string plain = address.substr(0, address.find_first_of("?#"));
  const fs::path folder = cache_ / io::hexadecimal(io::sha256(plain)).substr(0, 16);
  if (address.rfind("s3://", 0) == 0) {
    const std::string rest = plain.substr(5);
    const std::size_t slash = rest.find('/');
    std::string key = slash == std::string::npos ? "" : rest.substr(slash + 1);
    while (!key.empty() && key.back() == '/') key.pop_back();
    if (slash == 0 || key.empty()) return fail(Code::usage, plain, "s3://BUCKET/KEY", "no bucket or no key", "name the file");
    return from_bucket(rest.substr(0, slash), key, folder);
  }
  // Of our own bucket, by the address that items give: it may not be open to everybody.
  const std::string ours = own_.endpoint + "/" + own_.bucket + "/";
  if (!own_.bucket.empty() && !own_.endpoint.empty() && address == plain && plain.rfind(ours, 0) == 0)
    return from_bucket(own_.bucket, plain.substr(ours.size()), folder);
  return from_web(address, folder / file_name(plain));
}

Result<fs::path> Outside::from_bucket(const std::string& bucket, const std::string& key, const fs::path& folder) const {
  FAIR_TRY_ASSIGN(const AwsSettings aws, aws_settings(profile_));
  S3Options options = own_;
  options.bucket = bucket;
  options.prefix.clear();
  options.base.clear();
  if (options.endpoint.empty()) options.endpoint = aws.endpoint;
  if (options.region.empty()) options.region = aws.region;
  FAIR_TRY_ASSIGN(const auto store, s3_store(options, aws.credentials));
  return bring_object(*store, key, folder / file_name(key));
}

Result<fs::path> Outside::from_web(const std::string& address, const fs::path& to) const {
  http::ClientOptions patient;
  patient.timeout_seconds = 0;
  FAIR_TRY_ASSIGN(const http::Client client, http::Client::create(patient));
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  const bool here = fs::is_regular_file(to, error);
  const fs::path note = to.parent_path() / ".address.json";
  Json known = Json::object();
  if (const auto content = here ? io::read_whole(note, 1U << 16U) : Result<std::string>(""); content) {
    if (auto json = json_from(*content); json && json->is_object()) known = std::move(*json);
  }
  for (int attempt = 1;; ++attempt) {
    FAIR_TRY_ASSIGN(auto file, io::AtomicFile::create(to));
    Result<> written;
    http::Request request;
    request.url = address;
    if (const std::string etag = text(known, "etag"); !etag.empty()) request.headers["if-none-match"] = etag;
    if (const std::string when = text(known, "last-modified"); !when.empty()) request.headers["if-modified-since"] = when;
    request.sink = [&](const char* data, std::size_t size) {
      written = file.write(data, size);
      return written.has_value();
    };
    const auto answer = client.send(std::move(request));
    if (!written) return fail(written.error());
    if (answer && answer->status == 304 && here) return to;
    if (answer && answer->good()) {
      FAIR_TRY(file.commit());
      FAIR_TRY(io::write_whole(
          note, to_text({{"address", http::shown(address)}, {"etag", answer->header("etag")}, {"last-modified", answer->header("last-modified")}})));
      return to;
    }
    if (answer) {
      const bool missing = answer->status == 404;
      return fail(missing ? Code::not_found : Code::io, http::shown(address), "a file", http::outcome(*answer),
                  missing ? "check the address; folders can be fetched from s3:// only" : "check the address and whether everybody may read it");
    }
    if (attempt < keep_trying) continue;
    if (here) return to;  // what it was when it could be reached
    return fail(answer.error());
  }
}

}  // namespace fair::store
