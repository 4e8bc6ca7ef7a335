// Artifacts in a bucket of S3, or of what speaks like it (MinIO, Ceph, Garage …).
#pragma once

#include "native/store/aws_signature.h"
#include "native/store/object_store.h"

namespace fair::store {

struct S3Options {
  std::string bucket;
  std::string prefix;    ///< before every key, without slashes at its ends; or ""
  std::string endpoint;  ///< "http://127.0.0.1:9000"; "": AWS, by region
  std::string region = "us-east-1";
  std::string base;                       ///< the http(s) URL that stands for the prefix in items; "": the endpoint's own
  bool path_style = true;                 ///< endpoint/bucket/key; false: bucket.endpoint/key
  std::uint64_t part_bytes = 16U << 20U;  ///< larger files go up in parts of this size (5 MiB at least)
};

/// Reaches nobody yet. Code::usage for options that cannot be. Parts that have gone up stay when an upload breaks off, and the next put of the same
/// file goes on with them. Downloads keep "<file>.part" until they are whole.
[[nodiscard]] Result<std::unique_ptr<ObjectStore>> s3_store(const S3Options& options, const AwsCredentials& credentials);

}  // namespace fair::store
