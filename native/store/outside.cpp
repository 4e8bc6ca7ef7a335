#include "native/store/outside.h"

#include <utility>

#include "native/io/digest.h"
#include "native/io/web_file.h"
#include "native/store/address.h"
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

}  // namespace

Result<fs::path> Outside::bring(const std::string& address) const {
  const std::string plain = address.substr(0, address.find_first_of("?#"));
  const fs::path folder = cache_ / io::hexadecimal(io::sha256(unsigned_address(address))).substr(0, 16);
  if (address.rfind("s3://", 0) == 0) {
    const std::string rest = plain.substr(5);
    const std::size_t slash = rest.find('/');
    std::string key = slash == std::string::npos ? "" : rest.substr(slash + 1);
    while (!key.empty() && key.back() == '/') key.pop_back();
    if (slash == 0 || key.empty()) return fail(Code::usage, plain, "s3://BUCKET/KEY", "no bucket or no key", "name the file");
    return from_bucket(rest.substr(0, slash), key, folder);
  }
  // Of a bucket at our own endpoint, by the address that items give: it may not be open to everybody.
  const std::string ours = own_.endpoint + "/";
  const std::size_t slash = plain.find('/', ours.size());
  if (!own_.bucket.empty() && !own_.endpoint.empty() && address == plain && plain.rfind(ours, 0) == 0 && slash != std::string::npos) {
    const std::string bucket = plain.substr(ours.size(), slash - ours.size());
    auto brought = from_bucket(bucket, plain.substr(slash + 1), folder);
    if (brought || bucket == own_.bucket) return brought;  // another's may be open to everybody and closed to our keys
  }
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
  io::WebFile wanted;
  wanted.url = address;
  wanted.to = to;
  wanted.attempts = keep_trying;
  const auto fetched = io::fetch_web_file(client, wanted);
  std::error_code error;
  // What it was when it could be reached.
  if (fetched || (fetched.error().code == Code::io && fs::is_regular_file(to, error))) return to;
  return fail(fetched.error());
}

}  // namespace fair::store
