// AWS Signature Version 4, as S3 and what speaks like it want it (docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)").
#pragma once

#include <string>

#include "native/http/client.h"

namespace fair::store {

struct AwsCredentials {
  std::string access_key, secret_key;
  std::string session_token;  ///< of temporary ones, or ""
};

/// "20130524T000000Z" of now.
[[nodiscard]] std::string aws_time();

/// Puts x-amz-date, x-amz-content-sha256 and Authorization among the request's headers. Its path and query must stand as they are sent,
/// percent-encoded. `payload`: the body's SHA-256 in hexadecimal, or "UNSIGNED-PAYLOAD".
void sign(http::Request& request, const AwsCredentials& credentials, const std::string& region, const std::string& payload, const std::string& time);

/// A GET address that is good for `seconds` from `time`.
[[nodiscard]] std::string presigned_url(const std::string& url, const AwsCredentials& credentials, const std::string& region, int seconds,
                                        const std::string& time);

}  // namespace fair::store
