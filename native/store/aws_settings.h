// Who we are to S3, found where AWS's own tools look: environment, then ~/.aws/credentials and ~/.aws/config (docs.aws.amazon.com, "Configuration and
// credential file settings").
#pragma once

#include <string>

#include "native/store/aws_signature.h"

namespace fair::store {

struct AwsSettings {
  AwsCredentials credentials;
  std::string region;    ///< us-east-1 where nothing says otherwise
  std::string endpoint;  ///< of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, or ""
};

/// `profile`: "" for AWS_PROFILE, else "default". Code::not_found, naming all that was looked at, where there are no keys. Secrets are in no error.
[[nodiscard]] Result<AwsSettings> aws_settings(const std::string& profile = {});

}  // namespace fair::store
