// The examples of "Authenticating Requests: Using the Authorization Header" and "… Using Query Parameters" in AWS's S3 API reference.
#include "native/store/aws_signature.h"

#include <gtest/gtest.h>

#include "native/io/digest.h"

namespace fair::store {
namespace {

const AwsCredentials keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
constexpr const char* when = "20130524T000000Z";

std::string signature_of(const http::Request& request) {
  const std::string value = request.headers.at("authorization");
  return value.substr(value.find("Signature=") + 10);
}

TEST(AwsSignature, OfAGetWithARange) {
  http::Request request;
  request.url = "https://examplebucket.s3.amazonaws.com/test.txt";
  request.headers["range"] = "bytes=0-9";
  sign(request, keys, "us-east-1", io::hexadecimal(io::sha256("")), when);
  EXPECT_EQ(signature_of(request), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, OfAQueryWithoutAValue) {
  http::Request request;
  request.url = "https://examplebucket.s3.amazonaws.com/?lifecycle";
  sign(request, keys, "us-east-1", io::hexadecimal(io::sha256("")), when);
  EXPECT_EQ(signature_of(request), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(AwsSignature, OfAListing) {
  http::Request request;
  request.url = "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2";
  sign(request, keys, "us-east-1", io::hexadecimal(io::sha256("")), when);
  EXPECT_EQ(signature_of(request), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(AwsSignature, InAnAddress) {
  const std::string url = presigned_url("https://examplebucket.s3.amazonaws.com/test.txt", keys, "us-east-1", 86400, when);
  EXPECT_NE(url.find("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"), std::string::npos);
  EXPECT_NE(url.find("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"), std::string::npos);
}

}  // namespace
}  // namespace fair::store
