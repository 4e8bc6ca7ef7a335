#include "native/cluster/stored_job.h"

namespace fair::cluster {

Result<std::string> StoredJob::job() const {
  FAIR_TRY_ASSIGN(const auto there, objects_.info(at("job")));
  if (!there) return std::string();
  return objects_.read(at("job"));
}

Result<> StoredJob::assign(const std::string& job) const { return objects_.write(at("job"), job); }

Result<> StoredJob::clear() const { return store::remove_below(objects_, key_ + "/"); }

}  // namespace fair::cluster
