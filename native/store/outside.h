// Files that lie in no workspace, by their address.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "native/http/client.h"
#include "native/store/aws_settings.h"
#include "native/store/s3_store.h"

namespace fair::store {

/// s3://bucket/key (a file, or all below the key), http and https (a file; presigned addresses too). They are kept in a cache and asked for again
/// only where they have changed; one that cannot be reached is taken from there.
class Outside {
 public:
  /// `own`: the bucket of the stack, or one without a bucket's name; its endpoint serves other buckets too, and files of its buckets that are named
  /// by their http(s) address are asked for with our keys. `profile`: as aws_settings takes it.
  Outside(std::filesystem::path cache, S3Options own, std::string profile)
      : cache_(std::move(cache)), own_(std::move(own)), profile_(std::move(profile)) {}

  /// Where it lies on this machine then. Errors show no address's query, where keys stand.
  [[nodiscard]] Result<std::filesystem::path> bring(const std::string& address) const;

 private:
  [[nodiscard]] Result<std::filesystem::path> from_bucket(const std::string& bucket, const std::string& key,
                                                          const std::filesystem::path& folder) const;
  [[nodiscard]] Result<std::filesystem::path> from_web(const std::string& address, const std::filesystem::path& to) const;

  std::filesystem::path cache_;
  S3Options own_;
  std::string profile_;
};

}  // namespace fair::store
