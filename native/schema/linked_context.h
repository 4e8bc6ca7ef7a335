// A cheaper evaluation context for the JSON Schema library: it copies its whole path and scope at every keyword, of which only errors ever read the
// path. Include after jsoncons' jsonschema headers and before any schema is compiled.
#pragma once

#include <jsoncons/config/version.hpp>
#include <jsoncons/json.hpp>
#include <jsoncons_ext/jsonschema/jsonschema.hpp>
#include <string>
#include <vector>

// Written against the class as 1.3 has it; any other version keeps its own.
#if JSONCONS_VERSION_MAJOR == 1 && JSONCONS_VERSION_MINOR == 3
namespace jsoncons::jsonschema {

/// Links to its parent, which lives further up the stack, and puts the path together when it is asked for.
template <>
class eval_context<json> {
  using validator_type = schema_validator<json>;

 public:
  eval_context() = default;
  eval_context(const eval_context& other) = default;
  eval_context& operator=(const eval_context&) = delete;
  eval_context(const eval_context& parent, const validator_type* validator) : eval_context(parent, validator, parent.flags_) {}
  eval_context(const eval_context& parent, const validator_type* validator, evaluation_flags flags)
      : parent_(&parent), validator_(validator), flags_(flags), scoped_(parent.scoped_ || validator != nullptr) {
    if (!validator->id() && parent.scoped_) validator_ = nullptr;
  }
  eval_context(const eval_context& parent, const std::string& name) : eval_context(parent, name, parent.flags_) {}
  eval_context(const eval_context& parent, const std::string& name, evaluation_flags flags)
      : parent_(&parent), step_(Step::name), name_(name), flags_(flags), scoped_(parent.scoped_) {}
  eval_context(const eval_context& parent, std::size_t index) : eval_context(parent, index, parent.flags_) {}
  eval_context(const eval_context& parent, std::size_t index, evaluation_flags flags)
      : parent_(&parent), step_(Step::index), index_(index), flags_(flags), scoped_(parent.scoped_) {}

  [[nodiscard]] const std::vector<const validator_type*>& dynamic_scope() const {
    scope_.clear();
    collect(scope_);
    return scope_;
  }
  [[nodiscard]] const jsonpointer::json_pointer& eval_path() const {
    path_ = jsonpointer::json_pointer();
    extend(path_);
    return path_;
  }
  [[nodiscard]] evaluation_flags eval_flags() const { return flags_; }
  [[nodiscard]] bool require_evaluated_properties() const {
    return (flags_ & evaluation_flags::require_evaluated_properties) == evaluation_flags::require_evaluated_properties;
  }
  [[nodiscard]] bool require_evaluated_items() const {
    return (flags_ & evaluation_flags::require_evaluated_items) == evaluation_flags::require_evaluated_items;
  }

 private:
  enum class Step { none, name, index };

  void collect(std::vector<const validator_type*>& scope) const {
    if (parent_ != nullptr) parent_->collect(scope);
    if (validator_ != nullptr) scope.push_back(validator_);
  }
  void extend(jsonpointer::json_pointer& path) const {
    if (parent_ != nullptr) parent_->extend(path);
    if (step_ == Step::name) path /= name_;
    else if (step_ == Step::index) path /= index_;
  }

  const eval_context* parent_ = nullptr;
  const validator_type* validator_ = nullptr;
  Step step_ = Step::none;
  std::string name_;
  std::size_t index_ = 0;
  evaluation_flags flags_{};
  bool scoped_ = false;
  mutable std::vector<const validator_type*> scope_;
  mutable jsonpointer::json_pointer path_;
};

}  // namespace jsoncons::jsonschema
#endif
