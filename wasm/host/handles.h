// Numbers that stand for objects: JavaScript keeps no pointers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace fair::web {

/// Small positive numbers, never given twice.
template <class T>
class Handles {
 public:
  explicit Handles(const char* kind) : kind_(kind) {}

  std::int32_t keep(std::unique_ptr<T> object) {
    objects_.emplace(++last_, std::move(object));
    return last_;
  }
  [[nodiscard]] Result<T*> at(std::int32_t handle) const {
    const auto found = objects_.find(handle);
    if (found == objects_.end())
      return fail(Code::usage, std::string(kind_) + " " + std::to_string(handle), "one that is open", "none of that number");
    return found->second.get();
  }
  void close(std::int32_t handle) { objects_.erase(handle); }

 private:
  const char* kind_;
  std::map<std::int32_t, std::unique_ptr<T>> objects_;
  std::int32_t last_ = 0;
};

}  // namespace fair::web
