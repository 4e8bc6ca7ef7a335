#include "native/store/s3_store.h"

#include <algorithm>
#include <cstdio>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "native/http/url.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"

namespace fair::store {
namespace fs = std::filesystem;
namespace {

constexpr const char* unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr int keep_trying = 8;  ///< resumptions of one download

/// A part of an upload that the server has.
struct Part {
  int number = 0;
  std::string etag;  ///< as the server wrote it, quoted
  std::uint64_t size = 0;
};

std::string without_quotes(const std::string& text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

class S3Store final : public ObjectStore {
 public:
  S3Store(S3Options options, AwsCredentials credentials, http::Client client)
      : options_(std::move(options)), credentials_(std::move(credentials)), client_(std::move(client)) {}

  Result<ObjectInfo> put(const std::string& key, const fs::path& file) override {
    FAIR_TRY(check_key(key));
    std::error_code error;
    const std::uint64_t size = fs::file_size(file, error);
    if (error) return fail(Code::io, file.string(), "a file that can be read", error.message(), "check that it is there, and its permissions");
    FAIR_TRY_ASSIGN(const std::string sum, io::digest_of(io::Digest::Kind::sha256, file));
    const ObjectInfo stored{key, size, sum};
    FAIR_TRY_ASSIGN(const auto there, info(key));
    if (there && there->size == size && there->sha256 == sum) return stored;  // an earlier attempt ended well and was not heard of
    if (size > options_.part_bytes) FAIR_TRY(put_parts(key, file, stored));
    else FAIR_TRY(put_whole(key, file, stored));
    return stored;
  }

  Result<ObjectInfo> get(const std::string& key, const fs::path& file) override {
    FAIR_TRY_ASSIGN(const auto there, info(key));
    if (!there) return none(key);
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const fs::path part = file.string() + ".part";
    std::uint64_t before = fs::is_regular_file(part, error) ? fs::file_size(part, error) : 0;
    if (before > there->size) before = 0;
    for (int attempt = 1; before < there->size || there->size == 0; ++attempt) {
      const std::uint64_t had = before;
      const auto got = fetch(key, part, before);
      if (got && before >= there->size) break;
      if (got && there->size == 0) break;
      if (!got && (got.error().code != Code::io || attempt >= keep_trying || (before == had && attempt > 1))) return fail(got.error());
    }
    FAIR_TRY_ASSIGN(const std::string sum, io::digest_of(io::Digest::Kind::sha256, part));
    if (fs::file_size(part, error) != there->size || (!there->sha256.empty() && sum != there->sha256)) {
      fs::remove(part, error);
      return fail(Code::invalid, shown(key), "sha256 " + there->sha256, sum,
                  "it is damaged, or changed while it was read: try again, or upload it again");
    }
    fs::rename(part, file, error);
    if (error) return fail(Code::io, file.string(), "a file that can be made", error.message(), "check permissions and free space");
    return ObjectInfo{key, there->size, sum};
  }

  Result<std::optional<ObjectInfo>> info(const std::string& key) override { return look(key); }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    std::vector<ObjectInfo> out;
    const std::string root = options_.prefix.empty() ? "" : options_.prefix + "/";
    for (std::string next;;) {
      std::string query = "list-type=2&prefix=" + http::percent_encoded(root + prefix);
      if (!next.empty()) query = "continuation-token=" + http::percent_encoded(next) + "&" + query;
      FAIR_TRY_ASSIGN(const pugi::xml_document page, document("GET", bucket_url() + "?" + query, name()));
      const pugi::xml_node result = page.child("ListBucketResult");
      for (const pugi::xml_node& object : result.children("Contents")) {
        out.push_back({std::string(object.child_value("Key")).substr(root.size()), std::strtoull(object.child_value("Size"), nullptr, 10), ""});
      }
      next = result.child_value("NextContinuationToken");
      if (next.empty()) return out;
    }
  }

  Result<> remove(const std::string& key) override {
    FAIR_TRY(check_key(key));
    FAIR_TRY_ASSIGN(const http::Response answer, send("DELETE", url_of(key)));
    if (answer.good() || answer.status == 404) return {};
    return refusal(answer, shown(key));
  }

  Result<std::string> read(const std::string& key) override {
    FAIR_TRY(check_key(key));
    FAIR_TRY_ASSIGN(http::Response answer, send("GET", url_of(key)));
    if (answer.status == 404) return none(key);
    if (!answer.good()) return refusal(answer, shown(key));
    return std::move(answer.body);
  }

  Result<> write(const std::string& key, const std::string& text) override {
    FAIR_TRY_ASSIGN(const http::Response answer, send_text(key, text, {}));
    return answer.good() ? Result<>() : refusal(answer, shown(key));
  }

  Result<bool> create(const std::string& key, const std::string& text) override {
    FAIR_TRY_ASSIGN(const http::Response answer, send_text(key, text, {{"if-none-match", "*"}}));
    if (answer.good()) return true;
    if (answer.status != 412 && answer.status != 409) return refusal(answer, shown(key));
    // A repeated request meets what its own first attempt wrote.
    if (answer.attempts == 1) return false;
    FAIR_TRY_ASSIGN(const std::string there, read(key));
    return there == text;
  }

  [[nodiscard]] std::string href(const std::string& key) const override {
    return options_.base.empty() ? url_of(key) : options_.base + "/" + http::percent_encoded(key, true);
  }

  Result<std::string> presigned(const std::string& key, int seconds) override {
    FAIR_TRY(check_key(key));
    if (seconds < 1 || seconds > 604800)
      return fail(Code::usage, "seconds of a presigned address", "1 to 604800", std::to_string(seconds), "choose another");
    return presigned_url(url_of(key), credentials_, options_.region, seconds, aws_time());
  }

  [[nodiscard]] std::string name() const override { return "s3://" + options_.bucket + (options_.prefix.empty() ? "" : "/" + options_.prefix); }

 private:
  [[nodiscard]] std::string shown(const std::string& key) const { return name() + "/" + key; }

  [[nodiscard]] std::string bucket_url() const {
    if (options_.path_style) return options_.endpoint + "/" + options_.bucket;
    const std::size_t host = options_.endpoint.find("://") + 3;
    return options_.endpoint.substr(0, host) + options_.bucket + "." + options_.endpoint.substr(host) + "/";
  }
  [[nodiscard]] std::string url_of(const std::string& key) const {
    const std::string whole = http::percent_encoded((options_.prefix.empty() ? "" : options_.prefix + "/") + key, true);
    return bucket_url() + (options_.path_style ? "/" : "") + whole;
  }

  tl::unexpected<Error> none(const std::string& key) const {
    return fail(Code::not_found, shown(key), "an object", "none of that key", "check the bucket and the key");
  }

  /// What the server said, in its words.
  tl::unexpected<Error> refusal(const http::Response& answer, const std::string& thing) const {
    pugi::xml_document page;
    page.load_buffer(answer.body.data(), answer.body.size());
    const std::string code = page.child("Error").child_value("Code"), message = page.child("Error").child_value("Message");
    std::string found = http::outcome(answer);
    if (!code.empty()) found += " " + code + (message.empty() ? "" : " (" + message + ")");
    const char* hint = answer.status == 403   ? "check the keys, the region and what the keys may do"
                       : answer.status == 404 ? "check the bucket's name and the endpoint"
                       : answer.status >= 500 ? "the server is in trouble: try later"
                                              : "check the bucket and the endpoint";
    return fail(answer.status == 404 ? Code::not_found : Code::io, thing, "to be done", found, hint);
  }

  Result<std::optional<ObjectInfo>> look(const std::string& key) const {
    FAIR_TRY(check_key(key));
    FAIR_TRY_ASSIGN(const http::Response answer, send("HEAD", url_of(key)));
    if (answer.status == 404) return std::optional<ObjectInfo>();
    if (!answer.good()) return refusal(answer, shown(key));
    return ObjectInfo{key, std::strtoull(answer.header("content-length").c_str(), nullptr, 10), answer.header("x-amz-meta-sha256")};
  }

  Result<http::Response> send(http::Request request, const std::string& payload) const {
    request.sign = [this, payload](http::Request& r) {
      sign(r, credentials_, options_.region, payload, aws_time());
      return Result<>();
    };
    return client_.send(std::move(request));
  }
  Result<http::Response> send(const char* method, const std::string& url) const {
    http::Request request;
    request.method = method;
    request.url = url;
    return send(std::move(request), io::hexadecimal(io::sha256("")));
  }
  Result<http::Response> send_text(const std::string& key, const std::string& text, http::Headers headers) const {
    FAIR_TRY(check_key(key));
    http::Request request;
    request.method = "PUT";
    request.url = url_of(key);
    request.headers = std::move(headers);
    request.headers["x-amz-meta-sha256"] = io::hexadecimal(io::sha256(text));
    request.body = text;
    return send(std::move(request), io::hexadecimal(io::sha256(text)));
  }

  /// An answer that is an XML document.
  Result<pugi::xml_document> document(const char* method, const std::string& url, const std::string& thing, http::Headers headers = {},
                                      std::string body = {}) const {
    http::Request request;
    request.method = method;
    request.url = url;
    request.headers = std::move(headers);
    const std::string sum = io::hexadecimal(io::sha256(body));
    request.body = std::move(body);
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request), sum));
    if (!answer.good()) return refusal(answer, thing);
    pugi::xml_document page;
    const auto parsed = page.load_buffer(answer.body.data(), answer.body.size());
    if (!parsed) return fail(Code::invalid, http::shown(url), "S3's XML", parsed.description(), "check the endpoint");
    if (page.child("Error")) return refusal(answer, thing);  // completing an upload may fail with status 200
    return page;
  }

  Result<> put_whole(const std::string& key, const fs::path& file, const ObjectInfo& stored) const {
    http::Request request;
    request.method = "PUT";
    request.url = url_of(key);
    request.headers["x-amz-meta-sha256"] = stored.sha256;
    request.file = http::FilePart{file, 0, stored.size};
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request), stored.sha256));  // the server compares
    return answer.good() ? Result<>() : refusal(answer, shown(key));
  }

  /// An upload of that key that was begun and not ended, the newest, or "".
  Result<std::string> begun(const std::string& key) const {
    const std::string whole = (options_.prefix.empty() ? "" : options_.prefix + "/") + key;
    FAIR_TRY_ASSIGN(const pugi::xml_document page, document("GET", bucket_url() + "?prefix=" + http::percent_encoded(whole) + "&uploads=", name()));
    std::string id, when;
    for (const pugi::xml_node& upload : page.child("ListMultipartUploadsResult").children("Upload")) {
      if (whole == upload.child_value("Key") && when <= upload.child_value("Initiated")) {
        when = upload.child_value("Initiated");
        id = upload.child_value("UploadId");
      }
    }
    return id;
  }

  Result<std::vector<Part>> parts_there(const std::string& key, const std::string& upload) const {
    std::vector<Part> out;
    for (std::string marker;;) {
      std::string query = marker.empty() ? "" : "part-number-marker=" + marker + "&";
      query += "uploadId=" + http::percent_encoded(upload);
      FAIR_TRY_ASSIGN(const pugi::xml_document page, document("GET", url_of(key) + "?" + query, shown(key)));
      const pugi::xml_node result = page.child("ListPartsResult");
      for (const pugi::xml_node& part : result.children("Part")) {
        out.push_back({part.child("PartNumber").text().as_int(), part.child_value("ETag"), part.child("Size").text().as_ullong()});
      }
      marker = result.child_value("NextPartNumberMarker");
      if (std::string(result.child_value("IsTruncated")) != "true" || marker.empty()) return out;
    }
  }

  /// Gives its ETag.
  Result<std::string> put_part(const std::string& key, const std::string& upload, int number, const http::FilePart& stretch) const {
    FAIR_TRY_ASSIGN(const std::string sum, io::digest_of(io::Digest::Kind::sha256, stretch.path, stretch.first, stretch.size));
    http::Request request;
    request.method = "PUT";
    request.url = url_of(key) + "?partNumber=" + std::to_string(number) + "&uploadId=" + http::percent_encoded(upload);
    request.file = stretch;
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request), sum));
    if (!answer.good()) return refusal(answer, shown(key) + " part " + std::to_string(number));
    return answer.header("etag");
  }

  Result<> put_parts(const std::string& key, const fs::path& file, const ObjectInfo& stored) const {
    const std::uint64_t size = std::max({options_.part_bytes, std::uint64_t{5} << 20U, (stored.size + 9999) / 10000});
    FAIR_TRY_ASSIGN(const std::string former, begun(key));
    if (!former.empty()) {
      const auto there = parts_there(key, former);
      const bool ours = there && !there->empty() && of_this_file(*there, file, size, stored.size);
      if (ours && go_on(key, file, stored, size, former, *there)) {
        // The checksum was told when that upload began: by this file, or by one that begins as this one does.
        FAIR_TRY_ASSIGN(const auto now, look(key));
        if (now && now->sha256 == stored.sha256) return {};
      } else {
        FAIR_TRY(send("DELETE", url_of(key) + "?uploadId=" + http::percent_encoded(former)));
      }
    }
    FAIR_TRY_ASSIGN(const pugi::xml_document page, document("POST", url_of(key) + "?uploads=", shown(key), {{"x-amz-meta-sha256", stored.sha256}}));
    const std::string upload = page.child("InitiateMultipartUploadResult").child_value("UploadId");
    if (upload.empty()) return fail(Code::invalid, shown(key), "the id of an upload", "none", "check the endpoint");
    return go_on(key, file, stored, size, upload, {});
  }

  /// Whether all those parts are stretches of the file.
  static bool of_this_file(const std::vector<Part>& parts, const fs::path& file, std::uint64_t size, std::uint64_t whole) {
    return std::all_of(parts.begin(), parts.end(), [&](const Part& part) {
      const std::uint64_t first = static_cast<std::uint64_t>(std::max(part.number - 1, 0)) * size;
      if (first >= whole || part.size != std::min(size, whole - first)) return false;
      const auto sum = io::digest_of(io::Digest::Kind::md5, file, first, part.size);
      return sum && without_quotes(part.etag) == *sum;
    });
  }

  /// Sends the parts that are not there yet, and closes the upload.
  Result<> go_on(const std::string& key, const fs::path& file, const ObjectInfo& stored, std::uint64_t size, const std::string& upload,
                 const std::vector<Part>& there) const {
    std::string parts;
    int number = 0;
    for (std::uint64_t first = 0; first < stored.size; first += size) {
      ++number;
      const auto kept = std::find_if(there.begin(), there.end(), [&](const Part& part) { return part.number == number; });
      std::string etag = kept == there.end() ? "" : kept->etag;
      if (etag.empty()) {
        FAIR_TRY_ASSIGN(etag, put_part(key, upload, number, {file, first, std::min(size, stored.size - first)}));
      }
      parts += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag></Part>";
    }
    const auto done = document("POST", url_of(key) + "?uploadId=" + http::percent_encoded(upload), shown(key), {},
                               "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
    if (done) return {};
    // Completed, and the answer was lost: the upload is gone then, and the object there.
    const auto now = look(key);
    if (now && *now && (*now)->size == stored.size && (*now)->sha256 == stored.sha256) return {};
    return fail(done.error());
  }

  /// Appends what comes after the first `before` bytes to the file, and counts it.
  Result<> fetch(const std::string& key, const fs::path& part, std::uint64_t& before) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(part.c_str(), before > 0 ? "ab" : "wb"), std::fclose);
    if (!out) return fail(Code::io, part.string(), "a file that can be made", "it cannot be opened", "check permissions and free space");
    http::Request request;
    request.url = url_of(key);
    if (before > 0) request.headers["range"] = "bytes=" + std::to_string(before) + "-";
    request.sink = [&](const char* data, std::size_t size) {
      const bool kept = std::fwrite(data, 1, size, out.get()) == size;
      if (kept) before += size;
      return kept;
    };
    FAIR_TRY_ASSIGN(const http::Response answer, send(std::move(request), unsigned_payload));
    if (answer.status == 404) return none(key);
    if (!answer.good()) return refusal(answer, shown(key));
    if (std::fflush(out.get()) != 0) return fail(Code::io, part.string(), "room on the disk", "writing failed", "free some space");
    return {};
  }

  S3Options options_;
  AwsCredentials credentials_;
  http::Client client_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> s3_store(const S3Options& given, const AwsCredentials& credentials) {
  S3Options options = given;
  if (options.bucket.empty() || options.bucket.find('/') != std::string::npos)
    return fail(Code::usage, "bucket \"" + options.bucket + "\"", "a bucket's name", "this one", "give it, and the rest as prefix");
  if (options.endpoint.empty()) {
    options.endpoint = "https://s3." + options.region + ".amazonaws.com";
    options.path_style = false;
  }
  FAIR_TRY_ASSIGN(options.endpoint, http::base_url(options.endpoint, "endpoint"));
  if (!options.prefix.empty()) FAIR_TRY(check_key(options.prefix));
  while (!options.base.empty() && options.base.back() == '/') options.base.pop_back();
  http::ClientOptions client;
  client.attempts = 6;
  client.timeout_seconds = 0;  // large files take their time; what stands still ends
  client.most_bytes = 64U << 20U;
  client.follow = false;  // a signature is good for one host
  FAIR_TRY_ASSIGN(http::Client ready, http::Client::create(client));
  return std::unique_ptr<ObjectStore>(std::make_unique<S3Store>(std::move(options), credentials, std::move(ready)));
}

}  // namespace fair::store
