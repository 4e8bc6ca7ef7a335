#include "native/store/address.h"

namespace fair::store {

bool is_address(const std::string& text) {
  for (const char* scheme : {"s3://", "http://", "https://"}) {
    if (text.rfind(scheme, 0) == 0) return true;
  }
  return false;
}

std::string unsigned_address(const std::string& address) {
  const std::size_t query = is_address(address) ? address.find('?') : std::string::npos;
  if (query == std::string::npos) return address;
  for (const char* sign : {"Signature=", "sig="}) {  // S3 and Google Cloud Storage; Azure
    if (address.find(sign, query) != std::string::npos) return address.substr(0, query);
  }
  return address;
}

}  // namespace fair::store
