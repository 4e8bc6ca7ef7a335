// Work that lies in an object store for pods to do, and the name of the job that does it. Knows no cluster.
#pragma once

#include <string>
#include <utility>

#include "native/store/object_store.h"

namespace fair::cluster {

/// Keys below `key`: job, and what the work consists of.
class StoredJob {
 public:
  StoredJob(store::ObjectStore& objects, std::string key) : objects_(objects), key_(std::move(key)) {}

  /// Where a run's work lies, whichever job does it.
  [[nodiscard]] static std::string key_of(const std::string& run) { return "jobs/" + run; }

  /// The job that was begun last to do it; "" where there is no work, or it was cleared since.
  [[nodiscard]] Result<std::string> job() const;
  Result<> assign(const std::string& job) const;
  /// Takes all of it away.
  Result<> clear() const;

  /// How people find it.
  [[nodiscard]] std::string place() const { return objects_.name() + "/" + key_; }

 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return key_ + "/" + name; }
  [[nodiscard]] store::ObjectStore& objects() const { return objects_; }

 private:
  store::ObjectStore& objects_;
  std::string key_;
};

}  // namespace fair::cluster
